import { homedir } from 'node:os';
import type { Readable, Writable } from 'node:stream';

export type Environment = Readonly<Record<string, string | undefined>>;
export type InputStream = Readable & { isTTY?: boolean };
export type OutputStream = Writable & { isTTY?: boolean };

/** All that the command line touches of its process, so that a test can stand in for it. */
export interface CliIo {
  readonly env: Environment;
  readonly homeDirectory: string;
  readonly stdin: InputStream;
  /** Results alone: what a script reads. */
  readonly stdout: OutputStream;
  /** Everything said to a person: notes, warnings, progress, questions, errors. */
  readonly stderr: OutputStream;
}

export function processIo(): CliIo {
  const { env, stdin, stdout, stderr } = process;
  return { env, homeDirectory: homedir(), stdin, stdout, stderr };
}
