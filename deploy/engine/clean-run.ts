import { constants } from 'node:os';
import { basename } from 'node:path';
import { killPrograms, runProgram } from '../../test/support/programs/child-program.ts';
import { removeFolders, workFolder } from '../../test/support/lib/temp-dir.ts';
import { removeCgroups } from './cgroups.ts';
import { hostState, isAsBefore } from './host-state.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const KILL_AGAIN_MS = 200;

export interface CleanRun {
  /** Of the folder of the run, in the temporary folder. */
  readonly name: string;
  /** @returns exit code */
  work(folder: string): Promise<number>;
  /** Takes back what outlives the programs that `work` has started, which have ended by then. */
  cleanUp?(folder: string): Promise<void>;
}

/**
 * Runs what changes this machine while it lasts, and leaves the machine as it was however that ends: by itself, by an
 * error, or by a signal. A second signal ends it at once.
 *
 * @returns exit code: that of `work`, 1 for an error or what was left behind, 128 and its number for a signal
 */
export async function runCleanly({ name, work, cleanUp }: CleanRun): Promise<number> {
  const folder = workFolder(name);
  const before = await hostState();
  const stop = stopAtSignal();
  let code = 1;
  try {
    code = await work(folder);
  } catch (error) {
    if (stop.signal === undefined) console.error((error as Error).stack);
  }
  stop.workIsOver();
  killPrograms();
  await cleanUp?.(folder);
  await removeCgroups(basename(folder));
  // Hundreds of thousands of files, which a program for it removes much faster.
  await runProgram('rm', ['-rf', folder], { timeoutMs: 300_000 });
  if (!(await isAsBefore(folder, before))) return 1;
  return stop.signal === undefined ? code : 128 + constants.signals[stop.signal];
}

interface Stop {
  /** That has come. */
  readonly signal: (typeof SIGNALS)[number] | undefined;
  workIsOver(): void;
}

/** After a signal every program is ended, and each that is started then, so that the work fails at its next step. */
function stopAtSignal(): Stop {
  let signal: Stop['signal'];
  let timer: NodeJS.Timeout | undefined;
  process.once('exit', () => {
    killPrograms();
    removeFolders();
  });
  for (const one of SIGNALS) {
    // Preparations, which are over by now, would end this process.
    process.removeAllListeners(one);
    process.on(one, () => {
      if (signal !== undefined) process.exit(1);
      signal = one;
      console.error(`${one}: ends what it has started, and cleans up. A second signal ends it at once.`);
      killPrograms();
      timer = setInterval(killPrograms, KILL_AGAIN_MS);
    });
  }
  return {
    get signal() {
      return signal;
    },
    workIsOver: () => clearInterval(timer),
  };
}
