import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';

/** Longest time for a small body to arrive. Without a limit a client could hold a connection as long as it likes. */
const READ_TIMEOUT_MS = 10_000;

/**
 * Reads a small JSON object from a request; the gateway has no body parser, because it never reads what it
 * forwards.
 *
 * @throws ProblemError for another media type, too many bytes, a body that ends early, and anything but a JSON object
 */
export async function readJsonObject(
  request: IncomingMessage,
  limitBytes: number,
): Promise<Record<string, unknown>> {
  const value = await readJson(request, limitBytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ProblemError('bad-request', { reason: 'body is not an object' });
  return value as Record<string, unknown>;
}

/**
 * Reads a JSON body of any kind, uncompressed and in UTF-8.
 *
 * @throws ProblemError for another media type, too many bytes, a body that ends early, and a body that is not JSON
 */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const { 'content-type': type = '', 'content-encoding': coding = 'identity' } = request.headers;
  if (!/^application\/json\s*(;|$)/i.test(type) || coding.toLowerCase() !== 'identity')
    throw new ProblemError('unsupported-media-type');
  const body = await readBytes(request, limitBytes);
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new ProblemError('bad-request', {
      message: 'The body is not valid JSON. Correct it and send it again.',
      reason: 'body is not JSON',
    });
  }
}

/** Whether a request announces a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Reads a small body of any kind.
 *
 * @param timeoutMs for the whole of it
 * @throws ProblemError for more bytes than the limit, a body that ends early, and one that is not whole in time
 */
export async function readBytes(
  request: IncomingMessage,
  limitBytes: number,
  timeoutMs = READ_TIMEOUT_MS,
): Promise<Buffer> {
  const body = collect(request, limitBytes);
  // After the time is over, its result is ignored.
  body.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ProblemError('request-timeout', CLOSING)), timeoutMs);
  });
  try {
    return await Promise.race([body, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

const CLOSING = { headers: { connection: 'close' } };

async function collect(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = (): ProblemError => new ProblemError('payload-too-large', CLOSING);
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      if (size > limitBytes) throw tooLarge();
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('bad-request', { reason: 'body ended early', cause: error });
  }
  return Buffer.concat(chunks);
}
