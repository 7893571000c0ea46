import { Share } from './share.js';

/** What each of several holds after all of them have taken turns until none gets more. */
function settle(share: Share, count: number): number[] {
  const held = new Array<number>(count).fill(0);
  const all = (): number => held.reduce((sum, one) => sum + one, 0);
  for (let taken = true; taken;) {
    taken = false;
    for (let i = 0; i < count; i++)
      if (share.admits(held[i]!, all())) {
        held[i]!++;
        taken = true;
      }
  }
  return held;
}

describe('Share', () => {
  it.each([
    [1024, 80, 819],
    [10, 80, 8],
    [10, 50, 5],
    [2, 80, 1],
    [1, 80, 1],
    [10, 100, 10],
  ])('of %d, one that is alone may hold %d %%: %d', (max, percent, most) => {
    const share = new Share(max, percent);
    expect(settle(share, 1)).toEqual([most]);
    expect(share.mostForOne).toBe(most);
  });

  it.each([2, 3, 10, 100])(
    '%d that want all of it get equal parts, and leave something for one more',
    (count) => {
      const held = settle(new Share(1024, 80), count);
      expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
      expect(held.reduce((sum, one) => sum + one, 0)).toBeLessThan(1024);
      expect(
        new Share(1024, 80).admits(
          0,
          held.reduce((sum, one) => sum + one, 0),
        ),
      ).toBe(true);
    },
  );

  it('gives several at once as it gives them one by one', () => {
    const share = new Share(1000, 50);
    expect(share.admits(0, 0, 1000)).toBe(true);
    expect(share.admits(100, 100, 400)).toBe(true);
    expect(share.admits(100, 100, 401)).toBe(false);
    expect(share.admits(0, 500, 501)).toBe(false);
    expect(new Share(1000, 100).admits(100, 100, 900)).toBe(true);
  });

  it('never gives more than there is', () => {
    expect(new Share(3, 80).admits(0, 3)).toBe(false);
    expect(settle(new Share(3, 80), 5).reduce((sum, one) => sum + one, 0)).toBe(3);
    expect(new Share(0, 80).admits(0, 0)).toBe(false);
  });
});
