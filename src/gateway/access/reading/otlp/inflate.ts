import type { Transform } from 'node:stream';
import { createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { OtlpFault, TooLargeSpans } from './trace-names.js';

/**
 * What MLflow reads of a compressed body: gzip, or deflate with and without its zlib header.
 *
 * @param encoding value of `Content-Encoding`; undefined for none
 * @param grow told the bytes that there are so far
 * @throws OtlpFault; TooLargeSpans for more than `maxBytes`; what `grow` throws
 */
export async function inflateBody(
  body: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
  grow: (bytes: number) => void,
): Promise<Uint8Array> {
  if (encoding === undefined) return body;
  const inflated = (inflater: Transform): Promise<Buffer> => readAll(inflater, body, maxBytes, grow);
  switch (encoding.toLowerCase()) {
    case 'gzip':
      return inflated(createGunzip()).catch(refuse);
    case 'deflate':
      return inflated(createInflate())
        .catch((error: unknown) =>
          isOfZlib(error) ? inflated(createInflateRaw()) : Promise.reject(error as Error),
        )
        .catch(refuse);
  }
  throw new OtlpFault('has a Content-Encoding other than gzip and deflate');
}

/** Piece by piece: a few bytes can become very many. */
async function readAll(
  inflater: Transform,
  body: Uint8Array,
  maxBytes: number,
  grow: (bytes: number) => void,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  inflater.end(body);
  for await (const chunk of inflater as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new TooLargeSpans();
    grow(bytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function refuse(error: unknown): never {
  throw isOfZlib(error) ? new OtlpFault('cannot be inflated') : error;
}

function isOfZlib(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code?.startsWith('Z_') ?? false;
}
