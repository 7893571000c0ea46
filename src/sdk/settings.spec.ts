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
