import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw } from 'node:zlib';
import { OtlpFault } from './trace-names.js';

const gunzipAsync = promisify(gunzip);
const inflateAsync = promisify(inflate);
const inflateRawAsync = promisify(inflateRaw);

/** A body that would be longer than allowed once it is inflated. */
export class TooLargeInflated extends Error {}

/**
 * What MLflow reads of a compressed body: gzip, or deflate with and without its zlib header.
 *
 * @param encoding `Content-Encoding` as it came; undefined for none
 * @throws OtlpFault, TooLargeInflated
 */
export async function inflateBody(
  body: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  if (encoding === undefined) return body;
  const options = { maxOutputLength: maxBytes };
  try {
    switch (encoding.toLowerCase()) {
      case 'gzip':
        return await gunzipAsync(body, options);
      case 'deflate':
        return await inflateAsync(body, options).catch((error: unknown) => {
          if (isTooLarge(error)) throw error;
          return inflateRawAsync(body, options);
        });
    }
  } catch (error) {
    throw isTooLarge(error) ? new TooLargeInflated() : new OtlpFault('cannot be inflated');
  }
  throw new OtlpFault('has a Content-Encoding other than gzip and deflate');
}

function isTooLarge(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE';
}
