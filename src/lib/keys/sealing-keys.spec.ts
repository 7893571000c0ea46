import { sealingKeys } from './sealing-keys.js';

const SECRET = 'a secret of thirty-two characters';

it('a secret always gives the same key and id, for one purpose', () => {
  const [first] = sealingKeys([SECRET], 'session');
  expect(sealingKeys(['another secret', SECRET], 'session')[1]).toEqual(first);
  expect(first?.key).toHaveLength(32);
  expect(first?.kid).toMatch(/^[\w-]{8}$/);
});

it('another purpose or another secret gives another key and id', () => {
  const keys = [...sealingKeys([SECRET, `${SECRET}2`], 'session'), ...sealingKeys([SECRET], 'rotation')];
  expect(new Set(keys.map(({ kid }) => kid)).size).toBe(3);
  expect(new Set(keys.map(({ key }) => Buffer.from(key).toString('hex'))).size).toBe(3);
});

it('what earlier releases have sealed still opens: the derivation is HKDF with the purpose as info', () => {
  const [made] = sealingKeys([SECRET], 'session');
  expect([made?.kid, Buffer.from(made?.key ?? []).toString('hex', 0, 8)]).toEqual([
    '15xfqEcZ',
    'b58c95bad53f6199',
  ]);
});
