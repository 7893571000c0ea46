import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { StartError } from './terminal.ts';

/** One program of the system. Secrets travel by `env`, never by `args`, which everyone can list. */
export interface ChildSpec {
  /** For people, such as "the key service". */
  name: string;
  command: string;
  args: readonly string[];
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
  killGroup(signal: NodeJS.Signals): void;
}

const LAST_LINES = 15;

/**
 * Starts a program as the leader of a process group of its own: Ctrl-C at the terminal reaches only
 * the starter, which then ends the parts in order. Its standard input is a pipe that closes with the starter.
 */
export function startChild(spec: ChildSpec): Child {
  const from = statSync(spec.logFile, { throwIfNoEntry: false })?.size ?? 0;
  const log = openSync(spec.logFile, 'a', 0o600);
  const child = spawn(spec.command, spec.args, {
    env: spec.env,
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  child.stdin?.on('error', () => {});
  const ended = whenEnded(child);
  let running = true;
  void ended.then(() => (running = false));

  const killGroup = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  };
  return {
    name: spec.name,
    pid: child.pid ?? -1,
    ended,
    get running() {
      return running;
    },
    lastLines: () =>
      readFileSync(spec.logFile)
        .subarray(from)
        .toString()
        .trimEnd()
        .split('\n')
        .slice(-LAST_LINES)
        .join('\n'),
    killGroup,
    async stop(graceMs) {
      if (running) killGroup(spec.stopSignal);
      const timer = setTimeout(() => killGroup('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
      // A leader that has ended may have left others behind.
      killGroup('SIGKILL');
    },
  };
}

function whenEnded(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started (${error.message})`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
    );
  });
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
