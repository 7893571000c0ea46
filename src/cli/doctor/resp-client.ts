import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ProbeError } from '../checks/http-probe.js';

/** A value of a Redis answer (RESP2); an error of the server is a value, too. */
export type RespValue = string | number | null | RespError | RespValue[];

export class RespError {
  constructor(readonly message: string) {}
}

const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Sends commands in one go over one connection and reads their answers. User, password and database come
 * from the URL; a refused AUTH is an answer, like all others.
 *
 * @param url redis:// or rediss://
 * @returns the answer of each command, AUTH and SELECT left out; their error, if any, in place of all
 * @throws ProbeError where there is no connection or no answer in time
 */
export async function askRedis(
  url: URL,
  commands: readonly (readonly string[])[],
  timeoutMs: number,
): Promise<RespValue[]> {
  const opening = openingOf(url);
  const all = [...opening, ...commands];
  const answers = await exchange(url, all.map(encode).join(''), all.length, timeoutMs);
  const refused = answers.slice(0, opening.length).find((answer) => answer instanceof RespError);
  return refused ? commands.map(() => refused) : answers.slice(opening.length);
}

/** AUTH and SELECT as the URL asks for them. */
export function openingOf(url: URL): string[][] {
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  const database = url.pathname.replace(/^\//, '');
  return [
    ...(password === '' ? [] : [user === '' ? ['AUTH', password] : ['AUTH', user, password]]),
    ...(database === '' || database === '0' ? [] : [['SELECT', database]]),
  ];
}

export function encode(command: readonly string[]): string {
  return `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** Reads one value; undefined where the bytes do not hold a whole one yet. */
export function decode(bytes: Buffer, start = 0): { value: RespValue; end: number } | undefined {
  const lineEnd = bytes.indexOf('\r\n', start);
  if (lineEnd < 0) return undefined;
  const rest = bytes.toString('utf8', start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (String.fromCharCode(bytes[start] ?? 0)) {
    case '+':
      return { value: rest, end };
    case '-':
      return { value: new RespError(rest), end };
    case ':':
      return { value: Number(rest), end };
    case '$':
      return decodeBulk(bytes, Number(rest), end);
    case '*':
      return decodeArray(bytes, Number(rest), end);
    default:
      throw new ProbeError('broken', 'the answer is not that of a Redis server');
  }
}

function decodeBulk(bytes: Buffer, length: number, start: number): ReturnType<typeof decode> {
  if (length < 0) return { value: null, end: start };
  const end = start + length + 2;
  return bytes.length < end ? undefined : { value: bytes.toString('utf8', start, start + length), end };
}

function decodeArray(bytes: Buffer, length: number, start: number): ReturnType<typeof decode> {
  const values: RespValue[] = [];
  let end = start;
  for (let i = 0; i < length; i++) {
    const next = decode(bytes, end);
    if (!next) return undefined;
    values.push(next.value);
    end = next.end;
  }
  return { value: values, end };
}

function exchange(url: URL, text: string, count: number, timeoutMs: number): Promise<RespValue[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || 6379);
  const secure = url.protocol === 'rediss:';
  return new Promise((resolve, reject) => {
    const socket: Socket = secure
      ? connectTls({ host, port, servername: host }, () => socket.write(text))
      : connectTcp({ host, port }, () => socket.write(text));
    const stop = (error: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(faultOf(error, `${host}:${port}`));
    };
    const timer = setTimeout(
      () => stop(new ProbeError('timeout', `${host}:${port} did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    let bytes = Buffer.alloc(0);
    socket.on('error', stop);
    socket.on('close', () => stop(new ProbeError('broken', `${host}:${port} closed the connection`)));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      try {
        const answers = decodeAll(bytes, count);
        if (!answers) return;
        clearTimeout(timer);
        resolve(answers);
        socket.destroy();
      } catch (error) {
        stop(error);
      }
    });
  });
}

function decodeAll(bytes: Buffer, count: number): RespValue[] | undefined {
  if (bytes.length > MAX_ANSWER_BYTES) throw new ProbeError('broken', 'the answer is too long');
  const values: RespValue[] = [];
  for (let end = 0; values.length < count;) {
    const next = end < bytes.length ? decode(bytes, end) : undefined;
    if (!next) return undefined;
    values.push(next.value);
    end = next.end;
  }
  return values;
}

function faultOf(error: unknown, place: string): ProbeError {
  if (error instanceof ProbeError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new ProbeError('dns', `the name of ${place} cannot be resolved (${code})`, error);
  if (code === 'ECONNREFUSED')
    return new ProbeError('refused', `${place} refuses the connection (${code})`, error);
  return new ProbeError('broken', `the connection to ${place} broke (${code || message})`, error);
}
