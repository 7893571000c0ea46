import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Linux counts CPU time in these, always 100 a second for user space. */
const TICK_MS = 10;

/** The process and all its descendants, as far as they still run. */
export function processTree(pid: number): number[] {
  const tree = [pid];
  for (const parent of tree)
    tree.push(
      ...read(`/proc/${parent}/task/${parent}/children`).trim().split(' ').filter(Boolean).map(Number),
    );
  return tree;
}

/** CPU time that the process and its descendants have used so far, also those that have ended, ms. */
export function cpuMs(pid: number): number {
  let ticks = 0;
  for (const member of processTree(pid)) {
    // The command's name may hold spaces and parentheses: count fields after the last one.
    const fields = read(`/proc/${member}/stat`).split(') ').at(-1)?.split(' ') ?? [];
    // Its own in user space and in the kernel, and that of children whose end it has seen.
    for (const field of fields.slice(11, 15)) ticks += Number(field);
  }
  return ticks * TICK_MS;
}

/** Resident memory of the process alone, MB (2^20 bytes). */
export function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? NaN) / 1024;
}

/** Open file descriptors of the process, and how many of them are sockets. */
export function descriptors(pid: number): { open: number; sockets: number } {
  let open = 0;
  let sockets = 0;
  for (const fd of list(`/proc/${pid}/fd`)) {
    open += 1;
    if (link(`/proc/${pid}/fd/${fd}`).startsWith('socket:')) sockets += 1;
  }
  return { open, sockets };
}

/** Watches resident memory until stopped, and says what it was first, last and at most. MB. */
export function watchMemory(
  pid: number,
  everyMs = 50,
): () => { firstMb: number; lastMb: number; peakMb: number } {
  const firstMb = residentMb(pid);
  let peakMb = firstMb;
  const timer = setInterval(() => (peakMb = Math.max(peakMb, residentMb(pid) || 0)), everyMs);
  return () => {
    clearInterval(timer);
    const lastMb = residentMb(pid);
    return { firstMb, lastMb, peakMb: Math.max(peakMb, lastMb || 0) };
  };
}

const quietly = <T>(work: () => T, otherwise: T): T => {
  try {
    return work();
  } catch {
    return otherwise;
  }
};
const read = (path: string): string => quietly(() => readFileSync(path, 'utf8'), '');
const list = (path: string): string[] => quietly(() => readdirSync(path), []);
const link = (path: string): string => quietly(() => readlinkSync(path), '');
