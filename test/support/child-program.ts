import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';

/** A program that a test started: its output so far, and its end. */
export interface ChildProgram {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Standard output and error together, as far as they came. */
  output(): string;
  /** Resolves with the exit code, or the signal's name, once the program is gone. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Sends a signal and waits until the program is gone; fine on one that is gone already. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Starts a program without a shell; its environment is exactly `env` plus `PATH` and `HOME`. */
export function startProgram(
  command: string,
  args: readonly string[],
  { env = {}, ...options }: SpawnOptions & { env?: Record<string, string> } = {},
): ChildProgram {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('error', (error) => {
      text += `${error.message}\n`;
      resolve(127);
    });
    child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
  });
  return {
    child,
    pid: child.pid ?? -1,
    output: () => text,
    exited,
    stop: (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return exited;
    },
  };
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
