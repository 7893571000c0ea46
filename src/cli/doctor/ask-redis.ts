import { isIP, type Socket } from 'node:net';
import { ProbeError } from '../checks/http-probe.js';
import { hostOf } from './doctor-context.js';

/** First bytes of what a Redis server answers (RESP2). */
const REPLY_TYPES = '+-:$*';
const READ_BYTES = 16 * 1024;

export type RedisAnswer = { readonly value: unknown } | { readonly refused: string };

/**
 * Sends commands over one connection and reads their answers. User, password and database come from the URL; where
 * the server refuses them, that refusal is the answer of every command.
 *
 * @param url redis:// or rediss://
 * @throws ProbeError where there is no connection or no answer in time
 */
export async function askRedis(
  url: URL,
  commands: readonly string[][],
  timeoutMs: number,
): Promise<RedisAnswer[]> {
  // No other command needs the client, and it takes longer to load than they take to run.
  const { createClient, ErrorReply: Refusal } = await import('redis');
  const place = `${hostOf(url)}:${url.port || 6379}`;
  const client = createClient({
    ...credentialsOf(url),
    socket: { ...socketOf(url), reconnectStrategy: false, connectTimeout: timeoutMs },
  });
  // Errors are also reported by `connect` and by the commands.
  client.on('error', () => undefined);
  const refusalOf = (error: unknown): RedisAnswer => {
    if (error instanceof Refusal) return { refused: error.message };
    throw faultOf(error, place);
  };
  const exchange = async (): Promise<RedisAnswer[]> => {
    try {
      await client.connect();
    } catch (error) {
      const refusal = refusalOf(error);
      return commands.map(() => refusal);
    }
    const answers = commands.map((command) =>
      client.sendCommand(command).then((value) => ({ value }), refusalOf),
    );
    return Promise.all(answers);
  };
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const error = new ProbeError('timeout', `${place} did not answer within ${timeoutMs} ms`);
    timer = setTimeout(() => reject(error), timeoutMs);
  });
  try {
    return await Promise.race([exchange(), tooLate]);
  } finally {
    clearTimeout(timer);
    if (client.isOpen) await client.disconnect().catch(() => undefined);
  }
}

function credentialsOf(url: URL): { username?: string; password?: string; database?: number } {
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  return {
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(url.pathname.length > 1 && { database: Number(url.pathname.slice(1)) }),
  };
}

function socketOf(url: URL): { host: string; port: number } {
  const host = hostOf(url);
  const tls = url.protocol === 'rediss:' && { tls: true, ...(isIP(host) === 0 && { servername: host }) };
  return { host, port: Number(url.port || 6379), ...tls, ...{ onread: guardedReading() } };
}

/**
 * An error that the client throws while it reads would end the CLI. Here it closes the connection and is reported as a
 * broken connection.
 */
function guardedReading(): object {
  let first = true;
  return {
    buffer: Buffer.alloc(READ_BYTES),
    callback(this: Socket, length: number, buffer: Buffer): boolean {
      const bytes = Buffer.from(buffer.subarray(0, length));
      try {
        if (first && !REPLY_TYPES.includes(String.fromCharCode(bytes[0] ?? 0)))
          throw new ProbeError('broken', 'the answer is not that of a Redis server');
        first = false;
        this.emit('data', bytes);
      } catch (error) {
        this.destroy(error as Error);
      }
      return true;
    },
  };
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
