import { mapLater } from './later.js';

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('mapLater', () => {
  it('waits for nothing where nothing has to be awaited', () => {
    expect(mapLater([1, 2, 3], 2, (value) => value * 2)).toEqual([2, 4, 6]);
    expect(mapLater([], 2, () => 1)).toEqual([]);
  });

  it('keeps the order, and no more under way than it may', async () => {
    let underWay = 0;
    let most = 0;
    const result = await mapLater([1, 2, 3, 4, 5, 6, 7, 8], 3, async (value) => {
      most = Math.max(most, ++underWay);
      await soon();
      underWay -= 1;
      return value * 2;
    });
    expect(result).toEqual([2, 4, 6, 8, 10, 12, 14, 16]);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('mixes both, and fails with the first that fails', async () => {
    const later = mapLater([1, 2, 3, 4], 2, (value) => (value % 2 === 0 ? Promise.resolve(value) : value));
    expect(await later).toEqual([1, 2, 3, 4]);
    await expect(
      mapLater([1, 2], 2, (value) => (value === 2 ? Promise.reject(new Error('no')) : Promise.resolve(1))),
    ).rejects.toThrow('no');
  });
});
