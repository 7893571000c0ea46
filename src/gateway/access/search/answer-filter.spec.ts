import { everyListFilter, nextTurn, rowFilter } from './answer-filter.js';

const isEven = { of: ({ id }: { readonly id?: unknown }) => Number(id) % 2 === 0 };

const filtered = async (text: string, filter = rowFilter('rows', isEven)): Promise<string> =>
  (await filter.change(Buffer.from(text))).toString();

describe('rows that are left out of an answer', () => {
  it('are all that changes, to the byte', async () => {
    const text =
      '{ "n": 12345678901234567890, "rows": [ {"id":0,"x":NaN}, {"id":1}, "x", {"id":2} ], "y": [1] }\n';
    expect(await filtered(text)).toBe(
      '{ "n": 12345678901234567890, "rows": [{"id":0,"x":NaN},{"id":2}], "y": [1] }\n',
    );
    expect(await filtered('{"other":[{"id":1}]}')).toBe('{"other":[{"id":1}]}');
  });

  it('are judged by a name that is asked about once', async () => {
    const asked: (readonly string[])[] = [];
    const open = (names: readonly string[]): ReadonlySet<string> => {
      asked.push(names);
      return new Set(['a']);
    };
    const filter = everyListFilter('rows', { of: ({ name }) => name as string, open });
    const text = '{"x":{"rows":[{"name":"a"},{"name":"b"},{"name":"a"}]},"rows":[{"name":"b"}]}';
    expect(await filtered(text, filter)).toBe('{"x":{"rows":[{"name":"a"},{"name":"a"}]},"rows":[]}');
    expect(asked).toEqual([['a', 'b']]);
  });

  it.each(['{"rows":[{]}', '{"rows":[{"id":0}', '{"rows":{"id":0}}', '[{"id":1}]', '{"rows":[{"id":0 1}]}'])(
    'make %j unreadable',
    async (text) => {
      await expect(filtered(text)).rejects.toThrow(SyntaxError);
    },
  );

  it('may be hundreds of thousands', async () => {
    const text = `{"rows":[${'{"id":1},{"id":2},'.repeat(200_000)}{"id":3}]}`;
    expect(await filtered(text)).toHaveLength('{"rows":[]}'.length + '{"id":2},'.length * 200_000 - 1);
  });

  it('are read in slices: others have their turn within a long answer', async () => {
    const rows = Array.from({ length: 100_000 }, (_, id) => ({ id, text: 'x'.repeat(40) }));
    const text = JSON.stringify({ rows });
    let turns = 0;
    let isOver = false;
    const others = (async () => {
      for (; !isOver; turns++) await nextTurn();
    })();
    const kept = await filtered(text);
    isOver = true;
    await others;
    expect((JSON.parse(kept) as { rows: unknown[] }).rows).toHaveLength(50_000);
    expect(turns).toBeGreaterThan(text.length / 65_536);
  });
});
