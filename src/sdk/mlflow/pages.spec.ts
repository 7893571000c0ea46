import { eachItem } from './pages.js';

async function collect(items: AsyncIterable<number>): Promise<number[]> {
  const all: number[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Pages of two items from 1 to 6, and which tokens were asked for. */
function source(): { asked: (string | undefined)[]; items: (limit?: number) => AsyncGenerator<number> } {
  const asked: (string | undefined)[] = [];
  const fetchPage = (token: string | undefined) => {
    asked.push(token);
    const at = Number(token ?? 0);
    return Promise.resolve({ items: [at + 1, at + 2], nextPageToken: at < 4 ? String(at + 2) : '' });
  };
  return { asked, items: (limit) => eachItem(fetchPage, limit) };
}

it('gives every item once, and ends at an empty token', async () => {
  const { asked, items } = source();
  expect(await collect(items())).toEqual([1, 2, 3, 4, 5, 6]);
  expect(asked).toEqual([undefined, '2', '4']);
});

it.each([
  [0, [], 0],
  [2, [1, 2], 1],
  [3, [1, 2, 3], 2],
])('with the limit %d gives %j, from %d pages', async (limit, wanted, pages) => {
  const { asked, items } = source();
  expect(await collect(items(limit))).toEqual(wanted);
  expect(asked).toHaveLength(pages);
});

it('asks for no page before it is needed', async () => {
  const { asked, items } = source();
  for await (const item of items()) if (item === 2) break;
  expect(asked).toHaveLength(1);
});
