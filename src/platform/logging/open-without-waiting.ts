import { constants, fstatSync, openSync } from 'node:fs';

const STDOUT = 1;
const STDERR = 2;

/**
 * A descriptor for the same pipe, terminal or socket whose writes fail with EAGAIN where it is full, instead of
 * waiting.
 *
 * Pipes and terminals are opened again where the system allows it (Linux), so that other programs that write to the
 * same pipe keep theirs unchanged. Otherwise Node's own stream is made, which sets O_NONBLOCK; Node clears it at exit.
 * Regular files never wait for a reader, and a second descriptor would begin at offset 0: they are left unchanged.
 */
export function openWithoutWaiting(fd: number): { fd: number; isOwn: boolean } {
  const kind = fstatSync(fd);
  if (kind.isFIFO() || kind.isCharacterDevice())
    try {
      return {
        fd: openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY),
        isOwn: true,
      };
    } catch {
      // Another user's pipe, or no /proc: below.
    }
  if (!kind.isFile()) makeStream(fd);
  return { fd, isOwn: false };
}

function makeStream(fd: number): void {
  if (fd === STDOUT) void process.stdout;
  if (fd === STDERR) void process.stderr;
}
