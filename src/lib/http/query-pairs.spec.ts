import { readQuery } from './query-pairs.js';

describe('queries', () => {
  it.each([
    ['', []],
    ['?', []],
    ['?&', []],
    [
      '?a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      '?a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['?a', [['a', '']]],
    ['?a=', [['a', '']]],
    ['?=1', [['', '1']]],
    ['?a=b=c', [['a', 'b=c']]],
    ['?a;experiment_id=2', [['a;experiment_id', '2']]],
    ['?a=1;b=2', [['a', '1;b=2']]],
    ['?a=x+y%2Bz', [['a', 'x y+z']]],
    ['?%61=%C3%A9', [['a', 'é']]],
    ['?a=%2532', [['a', '%32']]],
    ['?a=%26b%3D1', [['a', '&b=1']]],
    [
      '?a=1&&b=2&',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
  ])('%s', (query, pairs) => {
    expect(readQuery(query)?.map(({ name, value }) => [name, value])).toEqual(pairs);
  });

  it.each(['?a=%', '?a=%z1', '?%ff=1', '?a=%C3', '?a=%E2%82&b=1'])('%s is none', (query) => {
    expect(readQuery(query)).toBeUndefined();
  });
});
