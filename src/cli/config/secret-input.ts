import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CliIo } from '../io/cli-io.js';
import { CliError, usageError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';

/** More than any key or token; a wrong file on standard input is not read to its end. */
const MAX_SECRET_BYTES = 16 * 1024;

/**
 * Reads a secret from standard input: the first line of a pipe, or a hidden prompt on a terminal. It is in
 * no argument list, and so in no `ps`.
 *
 * @throws CliError (usage) if there is none, or more than one line
 */
export async function readSecret(io: CliIo, what: string): Promise<string> {
  const text = io.stdin.isTTY ? await ask(io, `${what}: `, { hidden: true }) : await readAll(io);
  const secret = text.trim();
  if (secret === '') throw usageError(`There is no ${what} on standard input`, 'Pipe it in, as one line.');
  if (/\s/.test(secret)) throw usageError(`The ${what} on standard input has spaces or several lines in it`);
  return secret;
}

/**
 * Asks on the terminal; the question goes to standard error, so that the result stays clean.
 *
 * @throws CliError with exit code 130 on Ctrl-C or Ctrl-D
 */
export async function ask(io: CliIo, question: string, { hidden = false } = {}): Promise<string> {
  // readline echoes to its output stream; a stream that drops everything hides what is typed.
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : io.stderr;
  const prompt = createInterface({ input: io.stdin, output, terminal: io.stdin.isTTY === true });
  // Only now does the terminal no longer echo: nothing that is typed after the question is seen.
  if (hidden) io.stderr.write(question);
  try {
    return await answerOf(prompt, hidden ? '' : question);
  } finally {
    prompt.close();
    if (hidden) io.stderr.write('\n');
  }
}

/**
 * Asks before something that cannot be undone.
 *
 * @throws CliError (usage) where there is no terminal to ask on and `yes` is not given; (failure) on a no
 */
export async function confirm(io: CliIo, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (io.stdin.isTTY !== true)
    throw usageError(
      'This cannot be undone, and there is no terminal to ask on',
      'Repeat the command with --yes.',
    );
  const answer = await ask(io, `${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('Nothing was changed.');
}

async function answerOf(prompt: Interface, question: string): Promise<string> {
  const stopped = new AbortController();
  prompt.once('SIGINT', () => stopped.abort());
  prompt.once('close', () => stopped.abort());
  try {
    return await prompt.question(question, { signal: stopped.signal });
  } catch (error) {
    throw new CliError('Interrupted; nothing was changed.', { exitCode: EXIT.interrupted, cause: error });
  }
}

async function readAll({ stdin }: CliIo): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const buffer = Buffer.from(chunk as Buffer | string);
    bytes += buffer.length;
    if (bytes > MAX_SECRET_BYTES) throw usageError('Standard input is too long for a key or a token');
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
