import { jest } from '@jest/globals';
import { UnexpectedResponseError } from '../errors.js';
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

describe('a token that is the one that was sent', () => {
  const repeating = (): Promise<{ items: number[]; nextPageToken: string }> =>
    Promise.resolve({ items: [1], nextPageToken: 'again' });

  it('is an error after the items of its page, and never a list without end', async () => {
    const seen: number[] = [];
    const all = async (): Promise<void> => {
      for await (const item of eachItem(repeating)) seen.push(item);
    };
    await expect(all()).rejects.toBeInstanceOf(UnexpectedResponseError);
    expect(seen).toEqual([1, 1]);
  });

  it('is known also where the list begins in the middle', async () => {
    const fetchPage = jest.fn(repeating);
    await expect(collect(eachItem(fetchPage, Infinity, 'again'))).rejects.toThrow(UnexpectedResponseError);
    expect(fetchPage.mock.calls).toEqual([['again']]);
  });

  it('is no error if the limit ends the list first', async () => {
    expect(await collect(eachItem(repeating, 2))).toEqual([1, 1]);
  });
});
