import { IsOptional, validateSync } from 'class-validator';
import { IsAddressBlock, IsDistinct, IsInstant, IsPlainText, parseInstant, utc } from './field-validators.js';

class Fields {
  @IsOptional()
  @IsPlainText(3)
  text?: unknown;

  @IsOptional()
  @IsAddressBlock()
  address?: unknown;

  @IsOptional()
  @IsInstant()
  time?: unknown;

  @IsOptional()
  @IsDistinct()
  list?: unknown;
}

const takes = (fields: Fields): boolean => validateSync(Object.assign(new Fields(), fields)).length === 0;

it.each(['abc', ' a ', 'äöü', '\u65e5\u672c'])('%j is a plain text', (text) => {
  expect(takes({ text })).toBe(true);
});

it.each([
  ['empty', ''],
  ['blank', '   '],
  ['too long', 'abcd'],
  ['no text', 1],
  ['NUL', 'a\0'],
  ['a line feed', 'a\n'],
  ['a C1 control character', 'a\u009b'],
  ['a line separator', 'a\u2028'],
  ['a turned direction', 'a\u202e'],
  ['an isolate', 'a\u2066'],
  ['half a surrogate pair', 'a\ud83d'],
  ['what a decoder put in place of bad bytes', 'a\ufffd'],
])('%s is refused as plain text', (_what, text) => {
  expect(takes({ text })).toBe(false);
});

it.each([
  ['192.0.2.7', true],
  ['2001:db8::/32', true],
  ['192.0.2.0/33', false],
  ['localhost', false],
  [['192.0.2.7'], false],
])('%j as an address or block: %s', (address, expected) => {
  expect(takes({ address })).toBe(expected);
});

it('a list without duplicates is distinct', () => {
  expect([['a', 'b'], [], ['a', 'a'], 'ab'].map((list) => takes({ list }))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

describe('an instant', () => {
  it.each([
    ['2027-01-31T12:00:00Z', '2027-01-31T12:00:00.000Z'],
    ['2027-01-31t12:00:00.123456z', '2027-01-31T12:00:00.123Z'],
    ['2027-01-31 12:00:00+05:30', '2027-01-31T06:30:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is %s', (time, expected) => {
    expect([takes({ time }), utc(time)]).toEqual([true, expected]);
  });

  it.each([
    '2027-02-29T00:00:00Z',
    '2027-04-31T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-00-01T00:00:00Z',
    '2027-01-00T00:00:00Z',
    '2027-01-01T25:00:00Z',
    '2027-01-01T00:00:00+24:00',
    '2027-01-01T00:00:00',
    '2027-01-01',
    ' 2027-01-01T00:00:00Z',
    '2027-01-01T00:00:00Z\n',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '1767225600',
    'tomorrow',
  ])('%j is none', (time) => {
    expect([takes({ time }), parseInstant(time)]).toEqual([false, undefined]);
  });
});

it('a time that was not given stays so', () => {
  expect(utc(undefined)).toBeUndefined();
});
