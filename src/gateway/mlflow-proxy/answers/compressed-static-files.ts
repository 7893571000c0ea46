import { constants, createBrotliCompress, createGzip, type BrotliCompress, type Gzip } from 'node:zlib';
import type { AnswerHead } from '../headers/answer-headers.js';
import { without } from '../headers/request-headers.js';
import {
  headerOf,
  type AnswerFlow,
  type AnswerShape,
  type AnswerSink,
  type ShapedRequest,
} from './answer-shape.js';

type Coding = 'br' | 'gzip';
type Compressor = BrotliCompress | Gzip;

const STATIC_FILES = '/static-files/';
const TEXTS = /^(?:text\/|application\/(?:javascript|json|manifest\+json|xml|wasm)|image\/svg\+xml)/i;
/** Below this, compressing saves less than one packet. */
const MIN_BYTES = 1024;
const BROTLI_QUALITY = 5;
const GZIP_LEVEL = 6;
/** What is said of the bytes as MLflow sent them. */
const OF_BYTES = ['content-length', 'accept-ranges', 'etag', 'vary'];

/**
 * Compresses MLflow's static files, which MLflow sends as they are: more than 8 MB for a first page. They are compressed
 * as they pass and not kept, because browsers keep them for weeks. Answers of APIs and artifacts are never touched.
 */
export const compressedStaticFiles: AnswerShape = {
  sinkFor({ request, response, context, mount }: ShapedRequest) {
    // Hot path: one comparison for all other requests.
    if (!context.target.path.startsWith(STATIC_FILES, mount.length)) return undefined;
    if (request.method !== 'GET' || request.headers.range !== undefined) return undefined;
    const coding = codingFor(request.headers['accept-encoding']);
    return (next, flow) => {
      const sink = new CompressedAnswer(next, flow, coding);
      response.once('close', () => sink.close());
      return sink;
    };
  },
};

/** Brotli where it is accepted, else gzip, else none (RFC 9110, 12.5.3); a weight of 0 is a no. */
export function codingFor(acceptEncoding: string | undefined): Coding | undefined {
  const accepted = new Set(
    (acceptEncoding ?? '')
      .toLowerCase()
      .split(',')
      .filter((entry) => !/;\s*q=0(?:\.0*)?\s*$/.test(entry))
      .map((entry) => entry.split(';')[0]?.trim()),
  );
  return accepted.has('br') ? 'br' : accepted.has('gzip') ? 'gzip' : undefined;
}

class CompressedAnswer implements AnswerSink {
  private compressor: Compressor | undefined;

  constructor(
    private readonly next: AnswerSink,
    private readonly flow: AnswerFlow,
    private readonly coding: Coding | undefined,
  ) {}

  start(status: number, statusText: string | undefined, head: AnswerHead): void {
    const { headers } = head;
    if (!isCompressible(status, headers)) return this.next.start(status, statusText, head);
    const vary = headerOf(headers, 'vary');
    const varied = vary === undefined ? 'Accept-Encoding' : `${vary}, Accept-Encoding`;
    if (this.coding === undefined) {
      const kept = [...without(headers, ['vary']), 'Vary', varied];
      return this.next.start(status, statusText, { ...head, headers: kept });
    }
    const etag = headerOf(headers, 'etag');
    const kept = [...without(headers, OF_BYTES), 'Vary', varied, 'Content-Encoding', this.coding];
    // The same file in other bytes: the tag is weak from here on.
    if (etag !== undefined) kept.push('ETag', etag.startsWith('W/') ? etag : `W/${etag}`);
    this.compressor = this.open(this.coding, Number(headerOf(headers, 'content-length')));
    this.next.start(status, statusText, { ...head, headers: kept });
  }

  data(chunk: Buffer): void {
    const { compressor } = this;
    if (!compressor) this.next.data(chunk);
    else if (!compressor.write(chunk)) this.flow.pause();
  }

  end(rawTrailers: readonly (Buffer | string)[] | null | undefined): void {
    const { compressor } = this;
    if (!compressor) return this.next.end(rawTrailers);
    compressor.once('end', () => this.next.end(null));
    compressor.end();
  }

  /** The client is gone, or has all. */
  close(): void {
    this.compressor?.destroy();
  }

  private open(coding: Coding, lengthHint: number): Compressor {
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      ...(lengthHint > 0 && { [constants.BROTLI_PARAM_SIZE_HINT]: lengthHint }),
    };
    const compressor = coding === 'br' ? createBrotliCompress({ params }) : createGzip({ level: GZIP_LEVEL });
    compressor.on('data', (chunk: Buffer) => this.next.data(chunk));
    compressor.on('drain', () => this.flow.resume());
    return compressor;
  }
}

function isCompressible(status: number, headers: readonly string[]): boolean {
  const length = headerOf(headers, 'content-length');
  return (
    status === 200 &&
    (length === undefined || Number(length) >= MIN_BYTES) &&
    headerOf(headers, 'content-encoding') === undefined &&
    TEXTS.test(headerOf(headers, 'content-type') ?? '') &&
    !/no-transform/i.test(headerOf(headers, 'cache-control') ?? '')
  );
}
