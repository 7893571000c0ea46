import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/problem-error.js';

/**
 * Reads a small JSON object from a request; the gateway has no body parser, because it never reads what it
 * forwards.
 *
 * @throws ProblemError for another media type, too many bytes, a body that ends early, and what is no JSON object
 */
export async function readJsonObject(
  request: IncomingMessage,
  limitBytes: number,
): Promise<Record<string, unknown>> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new ProblemError('unsupported-media-type');
  const body = await readBytes(request, limitBytes);
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new ProblemError('bad-request', { reason: 'body is not JSON' });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ProblemError('bad-request', { reason: 'body is not an object' });
  return value as Record<string, unknown>;
}

/** @throws ProblemError for more bytes than the limit, and a body that ends early */
export async function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      if (size > limitBytes)
        throw new ProblemError('payload-too-large', { headers: { connection: 'close' } });
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('bad-request', { reason: 'body ended early', cause: error });
  }
  return Buffer.concat(chunks);
}
