import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';

/** A program that was started: its output so far, and its end. */
export interface ChildProgram {
  readonly child: ChildProcess;
  /** -1 where it could not be started; the reason is its output. */
  readonly pid: number;
  /** Standard output and error together since its start, as far as they came. */
  output(): string;
  /** Resolves with the exit code, or the signal's name, once the program is gone. */
  readonly exited: Promise<number | NodeJS.Signals>;
  isOver(): boolean;
  /** Sends a signal and waits until the program is gone, SIGKILL after `graceMs`; fine on one that is gone already. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<number | NodeJS.Signals>;
  /** Ends it at once, and where it leads a group, all of that. */
  kill(): void;
}

export interface ProgramOptions extends Omit<SpawnOptions, 'env'> {
  /** `PATH` and `HOME` are added. */
  env?: Record<string, string | undefined>;
  /** What it reads from its standard input, which ends then. */
  input?: string;
  /** Its output is appended to this file, for a program that says much: its starter has no work with it then. */
  logFile?: string;
  /** Makes it the leader of a group of its own: signals reach what it starts, too, and Ctrl-C only its starter. */
  detached?: boolean;
}

const END_OF_OUTPUT = 3000;
const GRACE_MS = 30_000;
/** How each program that runs is ended at once. */
const running = new Set<() => void>();

/** Starts a program without a shell; its environment is exactly `env` plus `PATH` and `HOME`. */
export function startProgram(
  command: string,
  args: readonly string[],
  { env = {}, input, logFile, ...options }: ProgramOptions = {},
): ChildProgram {
  const from = logFile === undefined ? 0 : (statSync(logFile, { throwIfNoEntry: false })?.size ?? 0);
  const log = logFile === undefined ? undefined : openSync(logFile, 'a', 0o600);
  const child = spawn(command, args, {
    stdio: log === undefined ? 'pipe' : ['pipe', log, log],
    ...options,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  });
  if (log !== undefined) closeSync(log);
  // It may end without having read all of it.
  child.stdin?.on('error', () => {});
  if (input !== undefined) child.stdin?.end(input);
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const send = (signal: NodeJS.Signals): void => {
    // Where nothing was started, Node still has a handle in this turn, and its process id is memory that nobody set: `kill`
    // would signal any process, or with 0 the group of this one.
    if (child.pid === undefined) return;
    if (options.detached) signalGroup(child.pid, signal);
    else child.kill(signal);
  };
  const kill = (): void => send('SIGKILL');
  running.add(kill);
  let over = false;
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('error', (error) => {
      text += `${error.message}\n`;
      resolve(127);
    });
    child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
  }).finally(() => {
    over = true;
    running.delete(kill);
  });
  return {
    child,
    pid: child.pid ?? -1,
    output: () => (logFile === undefined ? text : text + readFileSync(logFile).subarray(from).toString()),
    exited,
    isOver: () => over,
    async stop(signal = 'SIGTERM', graceMs = GRACE_MS) {
      // One that is paused would not hear of it.
      send('SIGCONT');
      send(signal);
      const timer = setTimeout(kill, graceMs);
      const code = await exited;
      clearTimeout(timer);
      // It may have left others of its group behind.
      kill();
      return code;
    },
    kill,
  };
}

/**
 * Runs a program to its end and returns what it said.
 *
 * @throws Error where it fails, with the end of what it said, or takes too long
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  { timeoutMs = 60_000, ...options }: ProgramOptions & { timeoutMs?: number } = {},
): Promise<string> {
  const program = startProgram(command, args, options);
  const timer = setTimeout(() => void program.stop('SIGKILL'), timeoutMs);
  const code = await program.exited;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${endOfOutput(program)}`);
  return program.output();
}

/** For the text of an error. */
export function endOfOutput(program: ChildProgram): string {
  return program.output().slice(-END_OF_OUTPUT);
}

/** Ends all that still run, at once. Synchronous: it also serves a process that is exiting. */
export function killPrograms(): void {
  for (const kill of running) kill();
}

/** Nothing happens where nobody is left in the group. */
function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Gone already.
  }
}

/** Whether a process with that id is there; one that has ended but was not reaped counts as gone. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
