import type { JsonObject } from '../../../lib/json/strict-json.js';
import { fillPage, MAX_EMPTY_PAGES, MAX_UPSTREAM_PAGES, type FilledPage } from './page-filler.js';

/** MLflow's list: rows 0 to `count`, given in pages. */
function upstream(count: number) {
  const sizes: number[] = [];
  const ask = (offset: number, size: number): Promise<{ rows: JsonObject[]; more: boolean }> => {
    sizes.push(size);
    const rows = Array.from({ length: Math.max(0, Math.min(size, count - offset)) }, (_, at) => ({
      id: offset + at,
    }));
    return Promise.resolve({ rows, more: offset + size < count });
  };
  return { sizes, ask };
}

const every = (step: number) => (row: JsonObject) => (row['id'] as number) % step === 0;

const granted =
  (isGranted: (row: JsonObject) => boolean) =>
  (rows: readonly JsonObject[]): Promise<boolean[]> =>
    Promise.resolve(rows.map(isGranted));

async function walk(
  count: number,
  wanted: number,
  isGranted: (row: JsonObject) => boolean,
): Promise<FilledPage<JsonObject>[]> {
  const { ask } = upstream(count);
  const pages: FilledPage<JsonObject>[] = [];
  for (let offset: number | undefined = 0; offset !== undefined;) {
    const page: FilledPage<JsonObject> = await fillPage({
      wanted,
      offset,
      pageLimit: 1000,
      select: granted(isGranted),
      ask,
    });
    pages.push(page);
    offset = page.next;
  }
  return pages;
}

describe('a filled page', () => {
  it.each([1, 7, 25, 100, 1000])(
    'of %i rows: all pages together are the granted rows, in order, once',
    async (wanted) => {
      const pages = await walk(155, wanted, every(3));
      const ids = pages.flatMap(({ rows }) => rows.map(({ id }) => id));
      expect(ids).toEqual(Array.from({ length: 52 }, (_, at) => at * 3));
      expect(pages.slice(0, -1).every(({ rows }) => rows.length === wanted)).toBe(true);
      expect(pages.length).toBe(Math.ceil(52 / wanted));
    },
  );

  it('announces no other page where only hidden rows follow', async () => {
    const pages = await walk(1000, 10, (row) => (row['id'] as number) < 10);
    expect(pages).toHaveLength(1);
  });

  it('announces none where nothing is granted, or nothing is there', async () => {
    expect(await walk(300, 10, () => false)).toMatchObject([{ rows: [], next: undefined }]);
    expect(await walk(0, 10, () => true)).toMatchObject([{ rows: [], next: undefined, asked: 1 }]);
  });

  it('is short if too many pages of MLflow would be needed, and the next one continues after the rows that were read', async () => {
    const { ask, sizes } = upstream(1_000_000);
    const page = await fillPage({
      wanted: 10,
      offset: 0,
      pageLimit: 5000,
      select: granted(({ id }) => id === 5),
      ask,
    });
    expect(page).toMatchObject({ rows: [{ id: 5 }], next: 12_100, asked: MAX_UPSTREAM_PAGES });
    expect(sizes).toEqual([100, 1000, 1000, 5000, 5000]);
  });

  it('is not empty where something follows, unless MLflow has a very long list of nothing', async () => {
    const far = upstream(100_000);
    const select = granted(({ id }) => id === 99_000);
    const page = await fillPage({ wanted: 10, offset: 0, pageLimit: 5000, select, ask: far.ask });
    expect(page).toMatchObject({ rows: [{ id: 99_000 }], next: undefined });
    const { ask } = upstream(1_000_000);
    const nothing = await fillPage({
      wanted: 10,
      offset: 0,
      pageLimit: 5000,
      select: granted(() => false),
      ask,
    });
    expect(nothing).toMatchObject({ rows: [], next: 187_100, asked: MAX_EMPTY_PAGES });
  });

  it('asks once where most is granted, and never for more than MLflow gives', async () => {
    const { ask, sizes } = upstream(155);
    await fillPage({ wanted: 25, offset: 0, pageLimit: 1000, select: granted(every(2)), ask });
    await fillPage({ wanted: 1000, offset: 0, pageLimit: 1000, select: granted(every(2)), ask });
    await fillPage({ wanted: 10_000, offset: 0, pageLimit: 200_000, select: granted(every(2)), ask });
    expect(sizes).toEqual([100, 1000, 10_001]);
  });

  it('does not ask for ever where MLflow says that more follow and gives nothing', async () => {
    const ask = () => Promise.resolve({ rows: [], more: true });
    const page = await fillPage({ wanted: 10, offset: 0, pageLimit: 1000, select: granted(() => true), ask });
    expect(page).toMatchObject({ rows: [], next: undefined, asked: 1 });
  });
});
