import { figure, judged, replaceBetween, table } from './readme.ts';
import { fill } from './template.ts';

describe('what the bench writes', () => {
  it('makes a table and escapes what would end a cell', () => {
    expect(
      table([
        ['figure', 'value'],
        ['a|b', '1'],
      ]),
    ).toBe('| figure | value |\n| --- | --- |\n| a\\|b | 1 |');
  });

  it('replaces one section and leaves every other byte', () => {
    const text =
      'before\n<!-- generated:a -->\nold\n<!-- /generated:a -->\n<!-- generated:b -->x<!-- /generated:b -->';
    const replaced = replaceBetween(text, 'a', 'new');
    expect(replaced).toBe(
      'before\n<!-- generated:a -->\n\nnew\n\n<!-- /generated:a -->\n<!-- generated:b -->x<!-- /generated:b -->',
    );
    expect(replaceBetween(replaced, 'a', 'new')).toBe(replaced);
  });

  it('refuses a string without the markers', () => {
    expect(() => replaceBetween('nothing', 'a', 'new')).toThrow('no markers for a');
  });

  it('rounds for people', () => {
    expect([figure(17_622.4), figure(0.42345), figure(4.5), figure(NaN)]).toEqual([
      '17,622',
      '0.423',
      '4.5',
      '–',
    ]);
  });

  it('says whether a goal is met', () => {
    expect(judged(0.41, { atLeast: 0.4 })).toEqual(['≥ 0.4', 'met']);
    expect(judged(3.2, { atMost: 3 })).toEqual(['≤ 3', '**missed**']);
    expect(judged(63.9, { below: 64 })).toEqual(['< 64', 'met']);
    expect(judged(NaN, { below: 64 })).toEqual(['< 64', 'not measured']);
    expect(judged(1, undefined)).toEqual(['–', '–']);
  });

  it('fills a configuration and refuses a place without a value', () => {
    expect(fill('listen @@PORT@@; set $x "@";', { PORT: 80 })).toBe('listen 80; set $x "@";');
    expect(() => fill('@@PORT@@', {})).toThrow('nothing to put for PORT');
  });
});
