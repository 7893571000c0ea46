import { findLists, type SearchedText } from './json-lists.js';
import { seededRandom } from '../../../test/support/lib/random.js';

const noPause = (): Promise<void> => Promise.resolve();

async function rowsIn(text: string, where: SearchedText['where'] = 1): Promise<unknown[][]> {
  const bytes = Buffer.from(text);
  const lists = await findLists(bytes, { member: 'rows', where }, noPause);
  for (const { start, end } of lists)
    expect(Array.isArray(JSON.parse(between(bytes, start, end)))).toBe(true);
  return lists.map(({ rows }) =>
    rows.flatMap((start, index) =>
      index % 2 === 0 ? [JSON.parse(between(bytes, start, rows[index + 1] as number)) as unknown] : [],
    ),
  );
}

function between(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end);
}

describe('lists in a long text', () => {
  it.each([
    ['{}', []],
    ['{"rows":null,"x":1}', []],
    ['{"rows":[]}', [[]]],
    [
      ' { "rows" : [ {"a":[1,{"b":"]"}]} , 2 , "x,y" , null , [] ] } ',
      [[{ a: [1, { b: ']' }] }, 2, 'x,y', null, []]],
    ],
    ['{"x":{"rows":[1]},"y":["rows",[2]],"rows":[3]}', [[3]]],
    [String.raw`{"a\"rows":[1],"r\u006fws":["\\\"","\\"],"ü":"}"}`, [['\\"', '\\']]],
  ])('are found in %s', async (text, rows) => {
    expect(await rowsIn(text)).toEqual(rows);
  });

  it('are found wherever they stand, and not inside of one that was found', async () => {
    const text = '{"data":{"run":{"rows":[{"rows":[1]},2]},"more":[{"rows":[]},{"rows":[3]}]},"rows":null}';
    expect(await rowsIn(text, 'anywhere')).toEqual([[{ rows: [1] }, 2], [], [3]]);
  });

  it('are found so deep, and no deeper', async () => {
    const text = '{"rows":"x","trace":{"tags":{"rows":"y"},"rows":[1]}}';
    expect(await rowsIn(text, 2)).toEqual([[1]]);
  });

  it.each([
    '',
    '[]',
    '"rows"',
    'null',
    '{"rows":[1}',
    '{"rows":[1]',
    '{"rows":"[]"}',
    '{"rows":{}}',
    '{"rows":["x]}',
    '{}{}',
    '{} x',
    '{"rows":[1],"rows":[2]}',
  ])('are not looked for in %j', async (text) => {
    await expect(rowsIn(text)).rejects.toThrow(SyntaxError);
  });

  it('are those that a parser finds, whatever the values are', async () => {
    const random = seededRandom(20261126);
    const value = (depth: number): unknown => {
      const kind = Math.floor(random() * (depth > 3 ? 4 : 6));
      if (kind === 4) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
      if (kind === 5) return { [`k${random()}`]: value(depth + 1), 'b"\\': value(depth + 1) };
      return [random(), 'a"b\\', '[{,}]ü\n', null][kind];
    };
    for (let n = 0; n < 500; n++) {
      const rows = Array.from({ length: Math.floor(random() * 6) }, () => value(0));
      const whole = { before: value(0), rows, after: value(0) };
      expect(await rowsIn(JSON.stringify(whole, null, n % 3))).toEqual([rows]);
    }
  });

  it('are found in slices, between which others have their turn', async () => {
    let pauses = 0;
    const bytes = Buffer.from(JSON.stringify({ rows: Array.from({ length: 50_000 }, (_, id) => ({ id })) }));
    const [list] = await findLists(bytes, { member: 'rows', where: 1 }, () => {
      pauses += 1;
      return Promise.resolve();
    });
    expect(list?.rows).toHaveLength(100_000);
    expect(pauses).toBe(Math.ceil(bytes.length / 65_536) - 1);
  });
});
