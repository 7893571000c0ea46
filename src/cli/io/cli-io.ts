import { homedir } from 'node:os';
import type { Readable, Writable } from 'node:stream';

export type Environment = Readonly<Record<string, string | undefined>>;
export type InputStream = Readable & { isTTY?: boolean };
export type OutputStream = Writable & { isTTY?: boolean };

/** All parts of the process that the command line uses, so that a test can replace them. */
export interface CliIo {
  readonly env: Environment;
  readonly homeDirectory: string;
  readonly stdin: InputStream;
  /** Only results, which scripts read. */
  readonly stdout: OutputStream;
  /** Everything for a person: notes, warnings, progress, questions, errors. */
  readonly stderr: OutputStream;
}

export function processIo(): CliIo {
  const { env, stdin, stdout, stderr } = process;
  return { env, homeDirectory: homedir(), stdin, stdout, stderr };
}
