import { execFileSync } from 'node:child_process';
import { constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DescriptorDestination } from '../../../src/platform/logging/log-destination.js';
import { JsonLogger } from '../../../src/platform/logging/logger.js';
import { eventually } from '../../support/lib/eventually.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

const LINE = JSON.stringify({ event: 'request', text: 'x'.repeat(1000) });
const LINES = 1000;
const MAX_WAITING_BYTES = 256 * 1024;

describe('the log of a program', () => {
  let dir: TempDir;
  let fd: number;
  let out: DescriptorDestination;

  beforeEach(async () => {
    dir = await tempDir('log');
    const path = join(dir.path, 'pipe');
    execFileSync('mkfifo', [path]);
    // For both directions: nobody reads until the test does, and no write waits.
    fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  });

  afterEach(async () => {
    out?.destroy();
    await dir?.remove();
  });

  /** What stands in the pipe now. */
  function read(): string {
    const buffer = Buffer.alloc(1 << 20);
    try {
      return buffer.toString('utf8', 0, readSync(fd, buffer));
    } catch {
      return '';
    }
  }

  it('keeps a bounded part of what nobody reads, counts the rest, and goes on when it is read again, with a line that says how many are missing', async () => {
    out = new DescriptorDestination(fd, MAX_WAITING_BYTES);
    const logger = new JsonLogger('info', out);
    for (let line = 0; line < LINES; line++) logger.line(LINE);
    const { droppedLines } = logger;
    expect(droppedLines).toBeGreaterThan(LINES / 2);
    expect(droppedLines).toBeLessThan(LINES - 100);

    let text = '';
    const lines = (): string[] => text.split('\n').slice(0, -1);
    const readUntil = (enough: () => boolean): Promise<void> =>
      eventually(
        () => {
          text += read();
          return enough();
        },
        { timeoutMs: 20_000, intervalMs: 5, what: 'the lines that were kept' },
      ).then(() => undefined);
    await readUntil(() => lines().length > 100);
    logger.warn('still_here');
    await readUntil(() => lines().length + logger.droppedLines === LINES + 1);
    expect(lines().filter((line) => line.includes('still_here'))).toHaveLength(1);
    logger.warn('read_again');
    await readUntil(() => text.includes('read_again'));
    const told = lines().filter((line) => line.includes('log_lines_dropped'));
    expect(told.map((line) => JSON.parse(line) as object)).toEqual([
      { level: 'error', time: expect.any(String), event: 'log_lines_dropped', lines: logger.droppedLines },
    ]);
    for (const line of lines()) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
});
