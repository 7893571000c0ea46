import type { IncomingHttpHeaders } from 'node:http';
import { readCredential, type CredentialCarrier } from './credential.js';

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';
const OTHER = 'hk_live_fedcba9876543210fedcba9876543210';
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** As Node has it: a second `Authorization` is only in the raw headers. */
function carrier(headers: Record<string, string | string[]>): CredentialCarrier {
  const rawHeaders: string[] = [];
  const joined: IncomingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    const values = [value].flat();
    for (const one of values) rawHeaders.push(name, one);
    const lower = name.toLowerCase();
    joined[lower] = lower === 'authorization' ? values[0] : values.join(', ');
  }
  return { headers: joined, rawHeaders };
}

const read = (headers: Record<string, string | string[]>, query = ''): unknown =>
  readCredential(carrier(headers), query);

describe('a key is found in', () => {
  it.each([
    ['Authorization: Bearer', { Authorization: `Bearer ${KEY}` }, 'bearer'],
    ['the scheme in any case', { Authorization: `bEARER ${KEY}` }, 'bearer'],
    ['more than one space after the scheme', { Authorization: `Bearer   ${KEY}` }, 'bearer'],
    ['Authorization: ApiKey', { Authorization: `ApiKey ${KEY}` }, 'api-key-scheme'],
    ['Authorization: apikey', { Authorization: `apikey ${KEY}` }, 'api-key-scheme'],
    ['the password of Basic', { Authorization: basic('anyone', KEY) }, 'basic'],
    ['the password of Basic without a user', { Authorization: basic('', KEY) }, 'basic'],
    ['Authorization alone, where it has the key format', { Authorization: KEY }, 'raw-authorization'],
    ['X-API-Key', { 'X-API-Key': KEY }, 'x-api-key'],
    ['X-Hokusai-API-Key', { 'X-Hokusai-API-Key': KEY }, 'x-hokusai-api-key'],
    ['X-Goog-API-Key', { 'X-Goog-Api-Key': KEY }, 'x-goog-api-key'],
    ['API-Key', { 'api-key': KEY }, 'api-key'],
    [
      'X-MLflow-Authorization: Bearer',
      { 'X-MLflow-Authorization': `Bearer ${KEY}` },
      'x-mlflow-authorization',
    ],
    [
      'X-MLflow-Authorization: Basic',
      { 'X-MLflow-Authorization': basic('u', KEY) },
      'x-mlflow-authorization',
    ],
    ['X-MLflow-Authorization alone', { 'X-MLflow-Authorization': KEY }, 'x-mlflow-authorization'],
  ])('%s', (_place, headers, source) => expect(read(headers)).toEqual({ key: KEY, source }));

  it('the query, where it counts', () => {
    expect(read({}, `?a=1&api_key=${KEY}&b=2`)).toEqual({ key: KEY, source: 'query' });
    expect(read({}, `?api_key=${encodeURIComponent(KEY)}`)).toEqual({ key: KEY, source: 'query' });
    expect(read({}, `?my_api_key=${KEY}`)).toBe('missing');
  });
});

describe('a key of any shape is taken as it is', () => {
  it.each(['sk-0123', 'a', 'with=/+~.-_chars==', '{"not":nonsense}'.replaceAll('"', "'"), 'x'.repeat(1024)])(
    '%s',
    (key) => expect(read({ Authorization: `Bearer ${key}` })).toEqual({ key, source: 'bearer' }),
  );

  it('and the password of Basic may hold colons', () =>
    expect(read({ Authorization: basic('u', 'a:b') })).toEqual({ key: 'a:b', source: 'basic' }));
});

describe('no credential at all', () => {
  it.each([
    ['no header', {}],
    ['other headers', { Cookie: `api_key=${KEY}`, 'Proxy-Authorization': `Bearer ${KEY}` }],
  ])('%s', (_name, headers) => expect(read(headers)).toBe('missing'));
});

describe('malformed or empty', () => {
  it.each<[string, Record<string, string>]>([
    ['an empty Authorization', { Authorization: '' }],
    ['a scheme without a key', { Authorization: 'Bearer' }],
    ['a scheme with spaces alone', { Authorization: 'Bearer   ' }],
    ['an unknown scheme', { Authorization: 'Negotiate abcdef' }],
    ['Digest', { Authorization: 'Digest username="u"' }],
    ['a raw value without key format', { Authorization: 'sk-0123456789abcdef0123456789' }],
    ['two words', { Authorization: `Bearer ${KEY} ${KEY}` }],
    ['quotes', { Authorization: `Bearer "${KEY}"` }],
    ['a control character', { Authorization: 'Bearer abc\u0001def' }],
    ['a letter outside ASCII', { Authorization: 'Bearer schlüssel' }],
    ['more than 1024 characters', { Authorization: `Bearer ${'x'.repeat(1025)}` }],
    ['Basic that is no base64', { Authorization: 'Basic %%%' }],
    ['Basic without a colon', { Authorization: `Basic ${Buffer.from(KEY).toString('base64')}` }],
    ['Basic without a password', { Authorization: basic(KEY, '') }],
    ['Basic with a line break in the password', { Authorization: basic('u', `${KEY}\n`) }],
    ['an empty X-API-Key', { 'X-API-Key': '' }],
    ['an empty X-Hokusai-API-Key', { 'X-Hokusai-API-Key': '' }],
    ['an empty X-Goog-API-Key', { 'X-Goog-API-Key': '' }],
    ['an empty API-Key', { 'API-Key': '' }],
    ['an empty X-MLflow-Authorization', { 'X-MLflow-Authorization': '' }],
    ['an empty X-API-Key beside a good key', { Authorization: `Bearer ${KEY}`, 'X-API-Key': '' }],
    ['a malformed Authorization beside a good key', { Authorization: 'Negotiate x', 'X-API-Key': KEY }],
  ])('%s', (_name, headers) => expect(read(headers)).toBe('malformed'));

  it('an empty query parameter', () => expect(read({}, '?api_key=')).toBe('malformed'));
});

describe('several places at once', () => {
  it.each<[string, Record<string, string | string[]>, string]>([
    ['Bearer and X-API-Key', { Authorization: `Bearer ${KEY}`, 'X-API-Key': KEY }, 'bearer'],
    ['both own headers', { 'X-API-Key': KEY, 'X-Hokusai-API-Key': KEY }, 'x-api-key'],
    ['a header twice', { 'X-API-Key': [KEY, KEY] }, 'x-api-key'],
    ['Authorization twice, in two forms', { Authorization: [`Bearer ${KEY}`, basic('u', KEY)] }, 'bearer'],
  ])('with the same key are one: %s', (_name, headers, source) =>
    expect(read(headers)).toEqual({ key: KEY, source }),
  );

  it.each<[string, Record<string, string | string[]>]>([
    ['Bearer and X-API-Key', { Authorization: `Bearer ${KEY}`, 'X-API-Key': OTHER }],
    ['Basic and X-Hokusai-API-Key', { Authorization: basic('u', KEY), 'X-Hokusai-API-Key': OTHER }],
    ['both own headers', { 'X-API-Key': KEY, 'X-Hokusai-API-Key': OTHER }],
    ['Bearer and X-Goog-API-Key', { Authorization: `Bearer ${KEY}`, 'X-Goog-API-Key': OTHER }],
    ['Bearer and API-Key', { Authorization: `Bearer ${KEY}`, 'API-Key': OTHER }],
    ['a header twice', { 'X-API-Key': [KEY, OTHER] }],
    ['Authorization twice', { authorization: [`Bearer ${KEY}`, `Bearer ${OTHER}`] }],
  ])('with different keys are a conflict: %s', (_name, headers) => expect(read(headers)).toBe('conflicting'));

  it('and the query counts as a place', () => {
    expect(read({ 'X-API-Key': KEY }, `?api_key=${OTHER}`)).toBe('conflicting');
    expect(read({ 'X-API-Key': KEY }, `?api_key=${KEY}`)).toEqual({ key: KEY, source: 'x-api-key' });
    expect(read({}, `?api_key=${KEY}&api_key=${OTHER}`)).toBe('conflicting');
  });
});

describe('X-MLflow-Authorization alone is read where it is present', () => {
  it('and other headers with keys are ignored', () =>
    expect(
      read(
        {
          'X-MLflow-Authorization': `Bearer ${KEY}`,
          Authorization: [`Bearer ${OTHER}`, 'Bearer sk-provider'],
          'X-API-Key': '',
        },
        `?api_key=${OTHER}`,
      ),
    ).toEqual({ key: KEY, source: 'x-mlflow-authorization' }));

  it('also if it holds no key', () =>
    expect(read({ 'X-MLflow-Authorization': 'Bearer', Authorization: `Bearer ${KEY}` })).toBe('malformed'));

  it('and twice it is malformed', () =>
    expect(read({ 'X-MLflow-Authorization': [`Bearer ${KEY}`, `Bearer ${KEY}`] })).toBe('malformed'));
});
