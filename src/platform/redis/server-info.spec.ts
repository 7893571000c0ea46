import { mayDropLasting, readServerInfo } from './server-info.js';

it('mode and policy are read out of INFO', () => {
  const text = '# Server\r\nredis_mode:standalone\r\n# Memory\r\nmaxmemory_policy:allkeys-lru\r\n';
  expect(readServerInfo(text)).toEqual({ mode: 'standalone', evictionPolicy: 'allkeys-lru' });
  expect(readServerInfo('')).toEqual({ mode: undefined, evictionPolicy: undefined });
});

it.each([
  ['noeviction', false],
  ['volatile-lru', false],
  ['volatile-ttl', false],
  ['allkeys-lru', true],
  ['allkeys-random', true],
  [undefined, false],
])('%s may drop what does not expire: %s', (policy, may) => expect(mayDropLasting(policy)).toBe(may));
