import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import { readBytes } from '../request/json-body.js';

/**
 * Reads a small HTML form.
 *
 * @throws ProblemError for another media type, too many bytes, and a body that ends early
 */
export async function readForm(request: IncomingMessage, limitBytes: number): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new ProblemError('unsupported-media-type', { message: 'The request body is not an HTML form.' });
  return new URLSearchParams((await readBytes(request, limitBytes)).toString('utf8'));
}
