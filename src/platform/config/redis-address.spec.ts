import { redisAddress, redisUrlProblem } from './redis-address.js';

const NONE = { username: undefined, password: undefined };

it.each([
  ['redis://redis', { host: 'redis', port: 6379, tls: false, ...NONE, database: 0 }],
  ['REDISS://redis:6380/', { host: 'redis', port: 6380, tls: true, ...NONE, database: 0 }],
  ['redis://10.0.0.7/3', { host: '10.0.0.7', port: 6379, tls: false, ...NONE, database: 3 }],
  ['redis://[::1]', { host: '::1', port: 6379, tls: false, ...NONE, database: 0 }],
  ['redis://[::1]:7000/2', { host: '::1', port: 7000, tls: false, ...NONE, database: 2 }],
  ['redis://[2001:DB8:0:0:0:0:0:1]/', { host: '2001:db8::1', port: 6379, tls: false, ...NONE, database: 0 }],
  ['redis://[::ffff:127.0.0.1]', { host: '::ffff:7f00:1', port: 6379, tls: false, ...NONE, database: 0 }],
  [
    'rediss://ada:p%40s%2Fs@[fd00::1]:6380/1',
    { host: 'fd00::1', port: 6380, tls: true, username: 'ada', password: 'p@s/s', database: 1 },
  ],
  [
    'redis://:p@ss@redis',
    { host: 'redis', port: 6379, tls: false, username: undefined, password: 'p@ss', database: 0 },
  ],
])('%s is read', (text, address) => {
  expect(redisUrlProblem(text)).toBeUndefined();
  expect(redisAddress(text)).toEqual(address);
});

it.each([
  ['redis:foo', 'redis:// or rediss://'],
  ['http://redis', 'redis:// or rediss://'],
  ['redis://', 'with a host'],
  ['redis://:6379', 'with a host'],
  ['redis://redis:port', 'with a host'],
  ['redis://::1:6379', 'with a host'],
  ['redis://[::1', 'with a host'],
  ['redis://[fe80::1%eth0]:6379', 'no zone'],
  ['redis://[fe80::1%25eth0]', 'no zone'],
  ['redis://redis?db=3', 'no query and no fragment'],
  ['rediss://redis:6380/0?ssl_cert_reqs=none', 'no query and no fragment'],
  ['redis://redis/0#cache', 'no query and no fragment'],
  ['redis://redis/0?', 'no query and no fragment'],
  ['redis://redis#', 'no query and no fragment'],
  ['redis://redis/abc', 'number of a database'],
  ['redis://redis/-1', 'number of a database'],
  ['redis://redis/0/1', 'number of a database'],
  ['redis://:hunter#2@redis', 'write # as %23'],
  ['redis://:hunter/2@redis', 'write / as %2F'],
  ['redis://:hunter%2@redis', 'write % as %25'],
])('%s is refused', (text, words) => {
  expect(redisUrlProblem(text)).toContain(words);
  expect(redisUrlProblem(text)).not.toMatch(/hunter|fe80|cache|ssl_cert/);
});
