import { startProgram } from './program.ts';
import { StartError } from './terminal.ts';

/** One program of the system. Secrets travel by `env`, never by `args`, which everyone can list. */
export interface ChildSpec {
  /** For people, such as "the key service". */
  name: string;
  command: string;
  args: readonly string[];
  /** `PATH` and `HOME` are added. */
  env: Record<string, string | undefined>;
  /** Both output streams are appended to it. */
  logFile: string;
  /** How it is asked to end. */
  stopSignal: NodeJS.Signals;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves, in words, once it has ended: "ended with exit code 1". */
  readonly ended: Promise<string>;
  readonly running: boolean;
  /** What it wrote since its start, its last lines alone. */
  lastLines(): string;
  /** Asks it to end; after the grace, ends it and whatever it started. */
  stop(graceMs: number): Promise<void>;
  /** Ends it and whatever it started at once. */
  kill(): void;
}

const LAST_LINES = 15;

/**
 * Starts a program as the leader of a process group of its own: Ctrl-C at the terminal reaches only
 * the starter, which then ends the parts in order. Its standard input is a pipe that closes with the starter.
 */
export function startChild({ name, command, args, env, logFile, stopSignal }: ChildSpec): Child {
  const program = startProgram(command, args, { env, logFile, detached: true });
  return {
    name,
    pid: program.pid,
    ended: program.exited.then((code) => {
      if (program.pid === -1) return 'could not be started';
      return typeof code === 'number' ? `ended with exit code ${code}` : `was ended by ${code}`;
    }),
    get running() {
      return !program.isOver();
    },
    lastLines: () => program.output().trimEnd().split('\n').slice(-LAST_LINES).join('\n'),
    stop: async (graceMs) => void (await program.stop(stopSignal, graceMs)),
    kill: program.kill,
  };
}

const POLL_MS = 100;

/**
 * Waits until the program answers 200 at `url`.
 *
 * @throws StartError where it ends before that, or the time is up, with its last lines
 */
export async function untilReady(child: Child, url: string, timeoutMs: number): Promise<void> {
  let end: string | undefined;
  void child.ended.then((words) => (end = words));
  const deadline = performance.now() + timeoutMs;
  while (!(await answers(url))) {
    if (end !== undefined) throw new StartError(`${sentence(child.name)} ${end}:\n${child.lastLines()}`);
    if (performance.now() > deadline)
      throw new StartError(`${sentence(child.name)} did not become ready in time:\n${child.lastLines()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** A name at the beginning of a sentence. */
export function sentence(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
