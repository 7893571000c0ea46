import { UsageQueue } from './usage-queue.js';

describe('UsageQueue', () => {
  it('gives the oldest first and keeps them until they are removed', () => {
    const queue = new UsageQueue<number>(10);
    [1, 2, 3].forEach((item) => queue.push(item));
    expect(queue.peek(2)).toEqual([1, 2]);
    expect(queue.size).toBe(3);
    queue.remove(2);
    expect(queue.peek(5)).toEqual([3]);
  });

  it('drops and counts what does not fit', () => {
    const queue = new UsageQueue<number>(2);
    [1, 2, 3, 4].forEach((item) => queue.push(item));
    expect([queue.size, queue.dropped]).toEqual([2, 2]);
  });

  it('loses nothing over many rounds', () => {
    const queue = new UsageQueue<number>(5000);
    let next = 0;
    let seen = 0;
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < 37; i++) queue.push(next++);
      const batch = queue.peek(37);
      expect(batch[0]).toBe(seen);
      seen += batch.length;
      queue.remove(batch.length);
    }
    expect([queue.size, queue.dropped]).toEqual([0, 0]);
  });
});
