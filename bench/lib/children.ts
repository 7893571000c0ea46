import {
  killPrograms,
  startProgram,
  type ChildProgram,
  type ProgramOptions,
} from '../../test/support/programs/child-program.ts';
import { removeFolders, workFolder } from '../../test/support/lib/temp-dir.ts';

export { endOfOutput, runProgram, type ChildProgram } from '../../test/support/programs/child-program.ts';
export { workFolder };

/** Starts a program whose output the bench has no work with, and with which all ends that it starts. */
export function startChild(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): ChildProgram {
  const logFile = `${workFolder('log')}/output`;
  return startProgram(command, args, { detached: true, logFile, ...options });
}

/** Ends all programs and removes all folders however the process ends. */
export function cleanUpAtExit(): void {
  process.once('exit', () => {
    killPrograms();
    removeFolders();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
}
