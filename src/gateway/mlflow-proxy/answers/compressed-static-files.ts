import type { AnswerHead } from '../headers/answer-headers.js';
import { VARY_CREDENTIALS } from '../headers/answer-rewrite.js';
import { without } from '../headers/request-headers.js';
import {
  headerOf,
  type AnswerFlow,
  type AnswerShape,
  type AnswerSink,
  type ShapedRequest,
} from './answer-shape.js';
import type { CompressedFiles, KeptFile } from './compressed-files.js';
import type { Coding, CompressionReader, FileCompression } from './file-compression.js';

const STATIC_FILES = '/static-files/';
const TEXTS = /^(?:text\/|application\/(?:javascript|json|manifest\+json|xml|wasm)|image\/svg\+xml)/i;
/** Below this, compressing saves less than one packet. */
const MIN_BYTES = 1024;
/** What is said of the bytes as MLflow sent them. */
const OF_BYTES = ['content-length', 'accept-ranges', 'etag'];

/**
 * Compresses MLflow's static files, which MLflow sends as they are: more than 8 MB for a first page. MLflow is asked
 * each time, so that its answer decides who gets which file. Only the compressed form of its bytes is kept. Answers of
 * APIs and artifacts are never touched.
 */
export class CompressedStaticFiles implements AnswerShape {
  constructor(private readonly files: CompressedFiles) {}

  sinkFor({ request, response, context, mount, upstreamPath }: ShapedRequest) {
    // Hot path: one comparison for all other requests.
    if (!context.target.path.startsWith(STATIC_FILES, mount.length)) return undefined;
    if (request.method !== 'GET' || request.headers.range !== undefined) return undefined;
    const coding = codingFor(request.headers['accept-encoding']);
    return (next: AnswerSink, flow: AnswerFlow) => {
      const sink = new CompressedAnswer(next, flow, coding, this.files, upstreamPath);
      response.once('close', () => sink.close());
      return sink;
    };
  }
}

/** Brotli where it is accepted, else gzip, else none (RFC 9110, 12.5.3); a weight of 0 is a no. */
function codingFor(acceptEncoding: string | undefined): Coding | undefined {
  const accepted = new Set(
    (acceptEncoding ?? '')
      .toLowerCase()
      .split(',')
      .filter((entry) => !/;\s*q=0(?:\.0*)?\s*$/.test(entry))
      .map((entry) => entry.split(';')[0]?.trim()),
  );
  return accepted.has('br') ? 'br' : accepted.has('gzip') ? 'gzip' : undefined;
}

class CompressedAnswer implements AnswerSink, CompressionReader {
  private compression: FileCompression | undefined;
  /** Whether MLflow's own bytes are left out. */
  private replaced = false;
  private received = 0;
  /** MLflow's answer has ended; and so has the compressed file. */
  private ended = false;
  private written = false;

  constructor(
    private readonly next: AnswerSink,
    private readonly flow: AnswerFlow,
    private readonly coding: Coding | undefined,
    private readonly files: CompressedFiles,
    private readonly path: string,
  ) {}

  start(status: number, statusText: string | undefined, head: AnswerHead): void {
    const { headers } = head;
    if (!isCompressible(status, headers)) return this.next.start(status, statusText, head);
    const varied = [...headers, 'Vary', 'Accept-Encoding'];
    if (this.coding === undefined) return this.next.start(status, statusText, { ...head, headers: varied });
    this.replaced = true;
    const file = this.files.open(this.coding, keptFile(this.path, headers));
    const kept = [...without(varied, OF_BYTES), 'Content-Encoding', this.coding];
    const etag = headerOf(headers, 'etag');
    // The same file in other bytes: the tag is weak from here on.
    if (etag !== undefined) kept.push('ETag', etag.startsWith('W/') ? etag : `W/${etag}`);
    if ('bytes' in file) kept.push('Content-Length', String(file.bytes.length));
    this.next.start(status, statusText, { ...head, headers: kept });
    if ('bytes' in file) {
      this.next.data(file.bytes);
      this.written = true;
    } else {
      this.compression = file.compression;
      file.compression.join(this);
    }
  }

  data(chunk: Buffer): void {
    if (!this.replaced) return this.next.data(chunk);
    this.compression?.feed(this.received, chunk, this.flow);
    this.received += chunk.length;
  }

  end(rawTrailers: readonly (Buffer | string)[] | null | undefined): void {
    if (!this.replaced) return this.next.end(rawTrailers);
    this.ended = true;
    this.compression?.end();
    if (this.written) this.next.end(null);
  }

  compressed(chunk: Buffer): void {
    this.next.data(chunk);
  }

  complete(): void {
    this.written = true;
    // Not before MLflow's own answer is over: until then its connection belongs to this one.
    if (this.ended) this.next.end(null);
  }

  /** The client is gone, or has all. */
  close(): void {
    this.compression?.leave(this);
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

/**
 * Undefined if another answer to the same path could have other bytes: MLflow sends no length or no validator, sends
 * `Vary` or a cookie, or forbids caching. The length is part of the key because the validator may be a time in whole
 * seconds.
 */
function keptFile(path: string, headers: readonly string[]): KeptFile | undefined {
  const length = headerOf(headers, 'content-length');
  const validator = headerOf(headers, 'etag') ?? headerOf(headers, 'last-modified');
  if (length === undefined || validator === undefined || !/\w/.test(validator)) return undefined;
  if (headerOf(headers, 'set-cookie') !== undefined || !variesByCodingAlone(headers)) return undefined;
  const cacheControl = headerOf(headers, 'cache-control') ?? '';
  if (!/\bmax-age=0*[1-9]/i.test(cacheControl) || /\bno-store\b/i.test(cacheControl)) return undefined;
  return { name: `${length} ${validator} ${path}`, bytes: Number(length) };
}

function variesByCodingAlone(headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2)
    if (
      (headers[i] as string).toLowerCase() === 'vary' &&
      headers[i + 1] !== VARY_CREDENTIALS &&
      !/^\s*accept-encoding\s*$/i.test(headers[i + 1] as string)
    )
      return false;
  return true;
}
