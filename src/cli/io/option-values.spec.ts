import { durationSeconds, keyId, positiveInteger, repeatable, timeOrAge } from './option-values.js';

describe('durationSeconds', () => {
  it.each([
    ['3600', 3600],
    ['45s', 45],
    ['90m', 5400],
    ['24h', 86_400],
    ['7d', 604_800],
    ['0', 0],
  ])('reads %s as %d seconds', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  it.each(['', '-1', '1.5h', '1w', 'h', '24 h', '1h30m', '99999999999999999d'])('refuses %j', (text) => {
    expect(() => durationSeconds(text)).toThrow('number of seconds');
  });
});

describe('positiveInteger', () => {
  it('reads a whole number above 0', () => {
    expect(positiveInteger('60000')).toBe(60_000);
  });

  it.each(['0', '-5', '1.5', '1e3', 'many', '', '99999999999999999999'])('refuses %j', (text) => {
    expect(() => positiveInteger(text)).toThrow('whole number above 0');
  });
});

describe('repeatable', () => {
  it('gathers values of several options and of one with commas', () => {
    expect(repeatable('c', repeatable('a, b', undefined))).toEqual(['a', 'b', 'c']);
  });

  it.each(['', 'a,', ','])('refuses the empty value in %j', (text) => {
    expect(() => repeatable(text, undefined)).toThrow('must not be empty');
  });
});

describe('keyId', () => {
  it.each(['0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11', 'key_01HX', 'a.b:c'])('takes the id %s', (id) => {
    expect(keyId(id)).toBe(id);
  });

  it('refuses a key in place of its id, says that it is exposed, and does not repeat it', () => {
    const key = `hk_live_${'x'.repeat(49)}`;
    expect(() => keyId(key)).toThrow(/rotate it/);
    expect(() => keyId(key)).not.toThrow(key);
  });

  it.each(['', '../keys', 'a b', 'a/b', 'x'.repeat(129)])('refuses %j', (id) => {
    expect(() => keyId(id)).toThrow('id of a key');
  });
});

describe('timeOrAge', () => {
  const NOW = Date.UTC(2026, 0, 31, 12);

  it.each([
    ['24h', '2026-01-30T12:00:00.000Z'],
    ['7d', '2026-01-24T12:00:00.000Z'],
    ['2026-01-01', '2026-01-01T00:00:00.000Z'],
    ['2026-01-31T13:00:00+01:00', '2026-01-31T12:00:00.000Z'],
  ])('reads %s', (text, time) => {
    expect(timeOrAge(text, NOW)).toBe(time);
  });

  it.each(['yesterday', '24', '2026-13-01', '01/02/2026', ''])('refuses %j', (text) => {
    expect(() => timeOrAge(text, NOW)).toThrow('a time such as');
  });
});
