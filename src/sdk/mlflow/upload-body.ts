import { ValidationError } from '../errors.js';
import type { RequestBody } from '../http/transport.types.js';
import { isBrowser } from '../runtime-env.js';
import { type ProgressListener, withProgress } from '../http/streams.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** What can be uploaded. Blobs, bytes and strings can be sent again after a fault, streams cannot. */
export type ArtifactBody = string | Bytes | Blob | ReadableStream<Bytes> | AsyncIterable<Bytes>;

/** Up to here a body is sent whole: a stream gains nothing. */
const WHOLE_BYTES = 256 * 1024;
const CHUNK_BYTES = 256 * 1024;

/**
 * A body in the form in which it is sent. Long ones are streamed, so that progress is seen and silence is
 * noticed; in a browser only streams are, because it refuses streamed uploads over HTTP/1.1.
 */
export class UploadBody {
  readonly body: RequestBody | (() => RequestBody);
  readonly isStreamed: boolean;
  /** Bytes of a streamed body, where known. */
  readonly contentLength: number | undefined;
  readonly #totalBytes: number | undefined;
  readonly #onProgress: ProgressListener | undefined;
  #pulled: (() => void) | undefined;

  constructor(given: ArtifactBody, onProgress?: ProgressListener) {
    const whole = typeof given === 'string' ? new TextEncoder().encode(given) : given;
    this.#onProgress = onProgress;
    if (isBytes(whole) || whole instanceof Blob) {
      const size = whole instanceof Blob ? whole.size : whole.byteLength;
      this.#totalBytes = size;
      this.isStreamed = size > WHOLE_BYTES && !isBrowser();
      this.contentLength = this.isStreamed ? size : undefined;
      this.body = this.isStreamed ? () => this.#watch(streamOfChunks(chunksOf(whole, size))) : whole;
      return;
    }
    this.isStreamed = true;
    if (whole instanceof ReadableStream) this.body = this.#watch(whole);
    else if (typeof whole === 'object' && whole !== null && Symbol.asyncIterator in whole)
      this.body = this.#watch(streamOfChunks(whole));
    else
      throw new ValidationError(
        'The body must be a string, bytes, a Blob, a stream or an async iterable of bytes',
      );
  }

  /** Names who is to hear that bytes were taken. */
  onPulled(listener: () => void): void {
    this.#pulled = listener;
  }

  /** Reports a body that went out in one piece. */
  finish(): void {
    if (!this.isStreamed)
      this.#onProgress?.({ transferredBytes: this.#totalBytes ?? 0, totalBytes: this.#totalBytes });
  }

  #watch(source: ReadableStream<Bytes>): ReadableStream<Bytes> {
    return withProgress(source, this.#totalBytes, (progress) => {
      this.#pulled?.();
      this.#onProgress?.(progress);
    });
  }
}

/** Also of another realm, where `instanceof` fails. */
function isBytes(value: ArtifactBody): value is Bytes {
  return ArrayBuffer.isView(value);
}

/** In chunks of our own: a Blob in memory streams as one. */
async function* chunksOf(whole: Bytes | Blob, size: number): AsyncGenerator<Bytes> {
  for (let at = 0; at < size; at += CHUNK_BYTES) {
    const chunk =
      whole instanceof Blob ? whole.slice(at, at + CHUNK_BYTES) : whole.subarray(at, at + CHUNK_BYTES);
    yield chunk instanceof Blob ? new Uint8Array(await chunk.arrayBuffer()) : chunk;
  }
}

function streamOfChunks(chunks: AsyncIterable<Bytes>): ReadableStream<Bytes> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
