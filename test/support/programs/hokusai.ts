import { symlink } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { CliIo, InputStream, OutputStream } from '../../../src/cli/io/cli-io.js';
import { run } from '../../../src/cli/program.js';

/** The command line in this process, and as a program of its own. */

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON. */
  json<T = Record<string, unknown>>(): T;
}

export interface CliOptions {
  /** The whole environment: nothing comes from the test run's. */
  env?: Record<string, string>;
  /** Default: a folder that is not there, so that there is no config file. */
  home?: string;
  /** What is piped in; nothing unless given. */
  stdin?: string;
  /** Lines typed at a terminal, each one when it is asked for; standard input and error are then terminals. */
  typed?: readonly string[];
}

const NO_HOME = '/nonexistent';

/** Runs one command line in this process. */
export async function hokusai(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const stdout = new Capture();
  const stderr = new Capture();
  const io = cliIo(options, stdout, stderr);
  const code = await run(args, io);
  return resultOf(code, stdout.text, stderr.text);
}

/** The streams of a command line, for parts that are tested by themselves. */
export function cliIo(options: CliOptions = {}, stdout = new Capture(), stderr = new Capture()): CliIo {
  const stdin: InputStream = new PassThrough();
  if (options.typed === undefined) (stdin as PassThrough).end(options.stdin ?? '');
  else {
    Object.assign(stdin, { isTTY: true, setRawMode: () => stdin });
    stderr.isTTY = true;
    const lines = [...options.typed];
    // A question ends without a line feed; the next line is typed then.
    stderr.onQuestion = () => {
      const line = lines.shift();
      if (line !== undefined) setImmediate(() => (stdin as PassThrough).write(`${line}\r`));
    };
  }
  return { env: options.env ?? {}, homeDirectory: options.home ?? NO_HOME, stdin, stdout, stderr };
}

/** A stream that keeps what is written to it. */
export class Capture extends PassThrough implements OutputStream {
  text = '';
  isTTY?: boolean;
  onQuestion?: () => void;

  constructor() {
    super();
    this.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
      if (/(: |\] )$/.test(chunk)) this.onQuestion?.();
    });
  }
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const main = join(root, 'dist/cli/main.js');

/** Runs `dist/cli/main.js` as a process; its environment is `env`, `PATH` and `HOME` alone. */
export function spawnHokusai(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return spawnProgram(process.execPath, [main, ...args], options);
}

/** Runs lines of shell with `hokusai` on the path, as after an installation. */
export async function shell(script: string, binDir: string, options: CliOptions = {}): Promise<CliResult> {
  await symlink(join(root, 'scripts/hokusai.mjs'), join(binDir, 'hokusai')).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  const path = [binDir, join(process.execPath, '..'), process.env['PATH']].join(delimiter);
  return spawnProgram('bash', ['--noprofile', '--norc', '-euo', 'pipefail', '-c', script], {
    ...options,
    env: { ...options.env, PATH: path },
  });
}

function spawnProgram(command: string, args: readonly string[], options: CliOptions): Promise<CliResult> {
  const { env = {}, home = NO_HOME, stdin = '' } = options;
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], HOME: home, ...env },
    stdio: 'pipe',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(resultOf(code ?? -1, stdout, stderr)));
  });
}

function resultOf(code: number, stdout: string, stderr: string): CliResult {
  return { code, stdout, stderr, json: <T>() => JSON.parse(stdout) as T };
}
