import { pageOf, parseFilter, select, type Attribute } from './mock-search.js';

interface Item {
  name: string;
  loss?: number;
}
const ITEMS: Item[] = [{ name: 'b', loss: 2 }, { name: 'a', loss: 10 }, { name: 'c_x' }];
const resolve = ({ name, loss }: Item, entity: string): Attribute => (entity === 'metric' ? loss : name);
const names = (filter: string, ...order_by: string[]): string[] =>
  select(ITEMS, resolve, { filter, order_by }, ['name ASC']).map(({ name }) => name);

describe('select', () => {
  it.each([
    ['', ['a', 'b', 'c_x']],
    ["name = 'a'", ['a']],
    ["name != 'a'", ['b', 'c_x']],
    ["name LIKE 'c%'", ['c_x']],
    ["name LIKE '_'", ['a', 'b']],
    ["name ILIKE 'A'", ['a']],
    ["name LIKE 'A'", []],
    ['metrics.loss < 9', ['b']],
    ['metrics.loss >= 2 AND metrics.loss <= 10', ['a', 'b']],
    ['metrics.`loss` > 2', ['a']],
    ["name > 'a' and name < 'c'", ['b']],
  ])('by %j finds %j', (filter, wanted) => {
    expect(names(filter)).toEqual(wanted);
  });

  it('sorts numbers as numbers, and what has none comes last in both directions', () => {
    expect(names('', 'metrics.loss ASC')).toEqual(['b', 'a', 'c_x']);
    expect(names('', 'metrics.loss DESC')).toEqual(['a', 'b', 'c_x']);
  });

  it("takes a pattern's own signs for texts", () => {
    expect(
      select([{ name: 'a.b' }, { name: 'axb' }], resolve, { filter: "name LIKE 'a.b'" }, []),
    ).toHaveLength(1);
  });
});

describe('parseFilter', () => {
  it('reads what stands for an entity, quoted keys, and lists', () => {
    expect(parseFilter("params.\"my key\" = 'x' AND attributes.run_id NOT IN ('a','b')")).toEqual([
      { entity: 'param', key: 'my key', operator: '=', value: 'x' },
      { entity: 'attribute', key: 'run_id', operator: 'NOT IN', value: ['a', 'b'] },
    ]);
  });

  it.each(['loss', 'metrics.loss <', "name = 'a' OR name = 'b'", "name = 'a' name = 'b'"])(
    'refuses %j',
    (filter) => {
      expect(() => parseFilter(filter)).toThrow(/Invalid/);
    },
  );
});

describe('pageOf', () => {
  it('goes through all items by tokens', () => {
    const first = pageOf([1, 2, 3], { max_results: 2 }, 10);
    expect(first).toEqual({ items: [1, 2], next_page_token: '2' });
    expect(pageOf([1, 2, 3], { max_results: 2, page_token: '2' }, 10)).toEqual({ items: [3] });
  });

  it.each([{ max_results: 0 }, { max_results: 11 }, { page_token: 'x' }])('refuses %j', (request) => {
    expect(() => pageOf([1], request, 10)).toThrow(/Invalid/);
  });
});
