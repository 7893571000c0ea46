import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program that the bench started and will end, whatever happens. */
export interface Child {
  readonly pid: number;
  /** File with its standard output and error. */
  readonly logFile: string;
  readonly exited: Promise<number | string>;
  isOver(): boolean;
  /** Last lines of its log, for an error text. */
  tail(): string;
  pause(): void;
  resume(): void;
  /** Ends it and waits until it is gone; SIGKILL after `graceMs`. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<void>;
}

export interface StartOptions {
  env?: Record<string, string | undefined>;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Where its output goes; a fresh file unless given. */
  logFile?: string;
  /** Leaves standard output as a pipe and hands each chunk over. */
  onOutput?: (text: string) => void;
  /** Opens a message channel, for parts of the bench that report. */
  onMessage?: (message: unknown) => void;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();
let logs = 0;

/** A folder that is gone when the bench is. */
export function workFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `gateway-bench-${name}-`));
  folders.add(folder);
  return folder;
}

let logFolder: string | undefined;

/** Starts a program without a shell, in its own log file. Its environment is `env`, `PATH` and `HOME` alone. */
export function startChild(command: string, args: readonly string[], options: StartOptions = {}): Child {
  logFolder ??= workFolder('logs');
  const logFile = options.logFile ?? join(logFolder, `${(logs += 1)}.log`);
  const fd = openSync(logFile, 'a');
  const stdio: StdioOptions = ['ignore', options.onOutput ? 'pipe' : fd, fd];
  if (options.onMessage) stdio.push('ipc');
  const child = spawn(command, [...args], {
    stdio,
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
    // A group of its own, so that what it starts ends with it.
    detached: true,
    ...(options.uid !== undefined && { uid: options.uid, gid: options.gid ?? options.uid }),
  });
  running.add(child);
  if (options.onOutput) child.stdout?.setEncoding('utf8').on('data', options.onOutput);
  if (options.onMessage) child.on('message', options.onMessage);
  const exited = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 0));
  }).finally(() => running.delete(child));
  const isOver = (): boolean =>
    child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? -1,
    logFile,
    exited,
    isOver,
    tail: () => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20).join('\n'),
    pause: () => signalGroup(child, 'SIGSTOP'),
    resume: () => signalGroup(child, 'SIGCONT'),
    async stop(signal = 'SIGTERM', graceMs = 10_000) {
      if (isOver()) return;
      signalGroup(child, 'SIGCONT');
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
      signalGroup(child, 'SIGKILL');
    },
  };
}

/** Runs a program to its end. @throws Error where it fails, with the end of what it said, or takes too long */
export async function runChild(
  command: string,
  args: readonly string[],
  { timeoutMs = 60_000, ...options }: StartOptions & { timeoutMs?: number } = {},
): Promise<string> {
  let output = '';
  const child = startChild(command, args, { ...options, onOutput: (text) => (output += text) });
  const timer = setTimeout(() => void child.stop('SIGKILL'), timeoutMs);
  const code = await child.exited;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${child.tail() || output.slice(-500)}`);
  return output;
}

/** To a program and all that it started; nothing happens where they are gone. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

/** Ends everything that is still running and removes all folders. Synchronous: it also serves `exit`. */
export function cleanUp(): void {
  for (const child of running) signalGroup(child, 'SIGKILL');
  running.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.clear();
}

/** Cleans up however the process ends. */
export function cleanUpAtExit(): void {
  process.once('exit', cleanUp);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
}
