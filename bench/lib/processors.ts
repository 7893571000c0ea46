import { readFileSync } from 'node:fs';
import { runProgram } from './children.ts';
import { processTree } from './process-stats.ts';
import { hasProgram } from './programs.ts';

/** Numbers of the processors that a process may run on, ours unless given (Linux, `/proc/<pid>/status`). */
export function processorsOf(pid = process.pid): number[] {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return parseProcessorList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '');
}

/** Reads Linux's list of processors: `0-2,5` is 0, 1, 2, 5. */
export function parseProcessorList(list: string): number[] {
  return list
    .split(',')
    .filter(Boolean)
    .flatMap((range) => {
      const [first = NaN, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** Whether programs can be kept on some of several processors here. */
export const canKeepApart = async (): Promise<boolean> =>
  processorsOf().length > 1 && (await hasProgram('taskset'));

/**
 * Keeps a process, all its threads and descendants, and what they start from now on, on these processors.
 * @throws Error where the system refuses
 */
export async function keepOn(processors: readonly number[], pid: number): Promise<void> {
  for (const member of processTree(pid))
    await runProgram('taskset', ['-a', '-c', '-p', processors.join(','), String(member)]);
}
