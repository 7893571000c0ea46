import { memoryUsage } from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';
import { ReadBuffers } from './read-buffers.js';

const MB = 1024 * 1024;

describe('ReadBuffers', () => {
  it('collects once each 32 MB, and not for a small body', () => {
    let collections = 0;
    const buffers = new ReadBuffers(() => collections++);
    buffers.passed(31 * MB);
    expect(collections).toBe(0);
    buffers.passed(MB);
    expect(collections).toBe(1);
    for (let passed = 0; passed < 320; passed++) buffers.passed(MB);
    expect(collections).toBe(11);
  });

  it('gives back what unused buffers hold', async () => {
    const buffers = new ReadBuffers();
    buffers.passed(31 * MB);
    const before = memoryUsage().arrayBuffers;
    for (let i = 0; i < 24; i++) Buffer.allocUnsafeSlow(MB);
    expect(memoryUsage().arrayBuffers - before).toBeGreaterThan(20 * MB);
    buffers.passed(MB);
    // Freed by another thread, soon after.
    while (memoryUsage().arrayBuffers - before > 4 * MB) await turn();
  });
});
