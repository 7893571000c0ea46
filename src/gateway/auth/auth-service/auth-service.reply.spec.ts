import { sortReply } from './auth-service.reply.js';

const refusal = '{"detail":"Invalid or expired API key"}';
const required = '{"detail":"API key required"}';

describe('an answer of the auth service about the key', () => {
  it.each<[number, string, object]>([
    [200, '{"valid":true,"key_id":"k1"}', { kind: 'valid', facts: { keyId: 'k1' } }],
    [200, '{"valid":false}', { kind: 'refused', status: 200 }],
    [401, refusal, { kind: 'refused', status: 401 }],
    [401, '', { kind: 'refused', status: 401 }],
    [401, '<html>', { kind: 'refused', status: 401 }],
    [401, 'null', { kind: 'refused', status: 401 }],
    [401, required, { kind: 'key-required' }],
    [403, '{"valid":true}', { kind: 'forbidden' }],
    [400, required, { kind: 'not-understood', status: 400 }],
    [422, '{}', { kind: 'not-understood', status: 422 }],
  ])('%d %s', (status, body, expected) => expect(sortReply(status, body)).toMatchObject(expected));
});

describe('an answer that decides nothing about the key is a fault', () => {
  it.each<[number, string, string]>([
    [200, '<html>', 'malformed'],
    [200, '', 'malformed'],
    [201, '{"valid":true}', 'contract'],
    [204, '', 'contract'],
    [301, '', 'redirect'],
    [302, '{"valid":true}', 'redirect'],
    [307, '', 'redirect'],
    [404, required, 'contract'],
    [405, '', 'contract'],
    [409, '', 'contract'],
    [429, '{}', 'throttled'],
    [503, '{"error_code":"KEY_CHECK_UNAVAILABLE"}', 'key-check'],
    [500, '{"error_code":"KEY_CHECK_UNAVAILABLE"}', 'server-error'],
    [503, '{"error_code":"TEMPORARILY_UNAVAILABLE"}', 'server-error'],
    [503, 'null', 'server-error'],
    [500, refusal, 'server-error'],
    [502, '', 'server-error'],
    [503, '', 'server-error'],
    [599, '', 'server-error'],
  ])('%d %s: %s', (status, body, fault) => {
    expect(() => sortReply(status, body)).toThrow(expect.objectContaining({ fault }));
  });
});

describe('a 503 that is about one key alone', () => {
  const body = '{"error_code":"KEY_CHECK_UNAVAILABLE"}';

  it('says nothing about the health of the service', () => {
    expect(() => sortReply(503, body)).toThrow(
      expect.objectContaining({ ofOneKey: true, unhealthy: false, retryable: false }),
    );
  });

  it.each([
    ['7', 7],
    ['0', 1],
    ['86400', 30],
    ['soon', undefined],
    ['-1', undefined],
    ['Fri, 27 Nov 2026 10:00:00 GMT', undefined],
    [undefined, undefined],
  ])('with Retry-After %p asks the client to come back in %p seconds', (header, retryAfterSeconds) => {
    expect(() => sortReply(503, body, header)).toThrow(expect.objectContaining({ retryAfterSeconds }));
  });
});
