import { ConfigurationError } from './errors.js';
import {
  DEFAULT_AUTH_SERVICE_URL,
  DEFAULT_TRACKING_URI,
  resolveSettings,
  secretProblem,
} from './settings.js';

const KEY = 'hk_live_abcdefghijklmnopqrstuvwxyz012345';

function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('are the defaults where nothing is set', () => {
    expect(resolveSettings({ env: {} })).toEqual({
      apiKey: undefined,
      adminToken: undefined,
      trackingUri: DEFAULT_TRACKING_URI,
      authServiceUrl: DEFAULT_AUTH_SERVICE_URL,
      serviceId: 'ml-platform',
      mock: false,
    });
    expect(DEFAULT_TRACKING_URI).toBe('https://registry.hokus.ai/api/mlflow');
  });

  it('come from options, then HOKUSAI_API_KEY, then MLFLOW_TRACKING_TOKEN', () => {
    const env = { HOKUSAI_API_KEY: 'second', MLFLOW_TRACKING_TOKEN: 'third' };
    expect(resolveSettings({ apiKey: 'first', env }).apiKey).toBe('first');
    expect(resolveSettings({ env }).apiKey).toBe('second');
    expect(resolveSettings({ env: { ...env, HOKUSAI_API_KEY: ' ' } }).apiKey).toBe('third');
  });

  it('honour MLFLOW_TRACKING_URI, without its last slashes', () => {
    const env = { MLFLOW_TRACKING_URI: 'http://127.0.0.1:8001/api/mlflow//' };
    expect(resolveSettings({ env }).trackingUri).toBe('http://127.0.0.1:8001/api/mlflow');
  });

  it.each([
    ['1', true],
    ['true', true],
    ['0', false],
    ['', false],
    [undefined, false],
  ])('HOKUSAI_MOCK_MODE=%s is %s', (value, mock) => {
    expect(resolveSettings({ env: { HOKUSAI_MOCK_MODE: value } }).mock).toBe(mock);
  });

  it('tell all problems at once, by name and never with a value', () => {
    const env = {
      HOKUSAI_API_KEY: `"${KEY}"`,
      HOKUSAI_ADMIN_TOKEN: 'two words',
      MLFLOW_TRACKING_URI: 'ftp://user-and-secret.example',
      HOKUSAI_AUTH_SERVICE_URL: 'https://ada:secret@auth.example',
      HOKUSAI_MOCK_MODE: 'perhaps',
    };
    const problems = problemsOf(() => resolveSettings({ env, timeoutMs: -1 }));
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'HOKUSAI_API_KEY',
      'HOKUSAI_ADMIN_TOKEN',
      'MLFLOW_TRACKING_URI',
      'HOKUSAI_AUTH_SERVICE_URL',
      'HOKUSAI_MOCK_MODE',
      'timeoutMs',
    ]);
    expect(problems.join()).not.toMatch(/secret|two words|perhaps|hk_live/);
  });

  it('ask for a key only for the registry itself, and not in mock mode', () => {
    const needs = { needsApiKey: true };
    expect(problemsOf(() => resolveSettings({ env: {} }, needs))).toHaveLength(1);
    expect(problemsOf(() => resolveSettings({ env: {}, mock: true }, needs))).toEqual([]);
    expect(
      problemsOf(() => resolveSettings({ env: {}, trackingUri: 'http://localhost:5000' }, needs)),
    ).toEqual([]);
  });

  it.each([-1, NaN, '5', true])('refuse the time-out %p', (timeoutMs) => {
    expect(problemsOf(() => resolveSettings({ env: {}, timeoutMs: timeoutMs as number }))).toEqual([
      'timeoutMs must be 0 (no limit) or a positive number of milliseconds',
    ]);
  });

  it.each([
    ['maxRetries', -1],
    ['maxRetries', NaN],
    ['maxRetries', Infinity],
    ['maxRetries', '4'],
    ['maxRetries', null],
    ['maxRetries', 1.5],
    ['baseDelayMs', NaN],
    ['baseDelayMs', '500'],
    ['maxDelayMs', -1],
    ['maxRetryAfterMs', Infinity],
  ])('refuse retry.%s %p, which would repeat for ever or without a pause', (name, value) => {
    expect(problemsOf(() => resolveSettings({ env: {}, retry: { [name]: value } }))).toEqual([
      expect.stringMatching(new RegExp(`^retry\\.${name} must be 0 or a positive (whole )?number`)),
    ]);
  });

  it.each([5, 'often', [1]])('refuse retry %p, which is not an object', (retry) => {
    expect(problemsOf(() => resolveSettings({ env: {}, retry: retry as object }))).toEqual([
      'retry must be an object such as { maxRetries: 2 }',
    ]);
  });

  it('take a retry setting of undefined for one that is not set', () => {
    const retry = { maxRetries: undefined, baseDelayMs: undefined };
    expect(problemsOf(() => resolveSettings({ env: {}, retry }))).toEqual([]);
  });

  it('take an address as a URL, too', () => {
    const trackingUri = new URL('http://127.0.0.1:8001/api/mlflow/');
    expect(resolveSettings({ env: {}, trackingUri }).trackingUri).toBe('http://127.0.0.1:8001/api/mlflow');
  });

  it.each([
    ['apiKey', 5, 'must be a string'],
    ['adminToken', {}, 'must be a string'],
    ['trackingUri', 5, 'must be an absolute URL'],
    ['authServiceUrl', {}, 'must be an absolute URL'],
    ['mock', 'no', 'must be true or false'],
    ['mock', 1, 'must be true or false'],
    ['fetch', 'fetch', 'must be a function'],
    ['onAttempt', {}, 'must be a function'],
  ])('refuse the option %s as %p', (name, value, text) => {
    expect(problemsOf(() => resolveSettings({ env: {}, [name]: value }))).toEqual([
      expect.stringContaining(`${name} ${text}`),
    ]);
  });

  it.each([null, 5, 'hk_live_key'])('refuse options that are not an object: %p', (options) => {
    expect(problemsOf(() => resolveSettings(options as unknown as object))).toEqual([
      expect.stringMatching(/^the options must be an object/),
    ]);
  });

  it.each(['nowhere', 'https://x.example/?a=1', 'https://x.example/#a'])(
    'refuse the address %s',
    (trackingUri) => {
      expect(problemsOf(() => resolveSettings({ env: {}, trackingUri }))).toEqual([
        expect.stringMatching(/^trackingUri must/),
      ]);
    },
  );
});

it.each([
  [KEY, undefined],
  ['', 'must not be empty'],
  ["'a'", 'must be without the quotes around it'],
  ['a b', expect.stringContaining('spaces')],
  ['a\nb', expect.stringContaining('line breaks')],
  ['schlüssel', expect.stringContaining('non-ASCII')],
])('a secret %j has the problem %s', (value, problem) => {
  expect(secretProblem(value)).toEqual(problem);
});
