import { RefusalCounts } from './refusal-counts.js';

const AT = Date.UTC(2026, 0, 1, 12, 0, 30);
const refused = (clientIp: string, atMs = AT) => ({
  ...{ reason: 'refused', clientIp, atMs },
  keyPrefix: undefined,
  keyId: undefined,
});

it('counts what is alike together: minute, reason, network and key', () => {
  const counts = new RefusalCounts(10);
  counts.count(refused('192.0.2.1'));
  counts.count(refused('192.0.2.1', AT + 10_000));
  counts.count(refused('192.0.2.1', AT + 40_000));
  counts.count(refused('2001:db8::1'));
  counts.count(refused('2001:db8::2'));
  counts.count({ ...refused('192.0.2.1'), keyPrefix: 'hk_live_abcd', keyId: 'k1' });
  const taken = counts
    .take()
    .map(({ minute, network, key_prefix, count }) => [
      ...[minute.slice(11, 16), network],
      ...[key_prefix, count],
    ]);
  expect(taken).toEqual([
    ['12:00', '192.0.2.1', null, 2],
    ['12:01', '192.0.2.1', null, 1],
    ['12:00', '2001:db8:0:0::/64', null, 2],
    ['12:00', '192.0.2.1', 'hk_live_abcd', 1],
  ]);
  expect(counts.take()).toEqual([]);
});

it('a flood from many networks is counted completely, in bounded memory', () => {
  const counts = new RefusalCounts(100);
  for (let n = 0; n < 10_000; n++) counts.count(refused(`10.0.${n >> 8}.${n & 255}`));
  const records = counts.take();
  expect(records.length).toBe(101);
  expect(records.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
  expect(records.at(-1)).toMatchObject({ network: null, count: 9900 });
});
