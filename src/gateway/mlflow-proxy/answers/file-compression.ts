import { constants, createBrotliCompress, createGzip, type BrotliCompress, type Gzip } from 'node:zlib';
import type { AnswerFlow } from './answer-shape.js';

export type Coding = 'br' | 'gzip';

/** Brotli above 5 takes up to three times the processor for 4 % less (docs/decisions/0014-compressed-static-files.md). */
const BROTLI_QUALITY = 5;
const GZIP_LEVEL = 6;

/** Reads the output of a compression. */
export interface CompressionReader {
  compressed(chunk: Buffer): void;
  /** All has come. */
  complete(): void;
}

/**
 * Compresses one file, once, for all answers that carry it at the same time. Each of them passes in its copy of the
 * file, and the one that is ahead is used. So the others continue if a client leaves or a connection breaks.
 */
export class FileCompression {
  private readonly compressor: BrotliCompress | Gzip;
  private readonly out: Buffer[] = [];
  private readonly readers = new Set<CompressionReader>();
  private readonly held = new Set<AnswerFlow>();
  private fed = 0;
  private whole = false;

  /**
   * @param sizeHint bytes of the file, where they are known
   * @param settled called once: with all compressed bytes, or with undefined where every answer broke off before the end
   */
  constructor(
    coding: Coding,
    sizeHint: number | undefined,
    private readonly settled: (bytes: Buffer | undefined) => void,
  ) {
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      ...(sizeHint !== undefined && { [constants.BROTLI_PARAM_SIZE_HINT]: sizeHint }),
    };
    this.compressor = coding === 'br' ? createBrotliCompress({ params }) : createGzip({ level: GZIP_LEVEL });
    this.compressor.on('data', (chunk: Buffer) => {
      this.out.push(chunk);
      for (const reader of this.readers) reader.compressed(chunk);
    });
    this.compressor.on('drain', () => this.release());
    this.compressor.once('end', () => {
      this.settled(Buffer.concat(this.out));
      for (const reader of this.readers) reader.complete();
    });
  }

  /** Gives the reader everything compressed so far, and then each new piece. */
  join(reader: CompressionReader): void {
    this.readers.add(reader);
    for (const chunk of this.out) reader.compressed(chunk);
  }

  /** Removes a reader whose answer is over or was broken off. When none is left, the compression ends. */
  leave(reader: CompressionReader): void {
    if (!this.readers.delete(reader) || this.readers.size > 0 || this.whole) return;
    this.compressor.destroy();
    this.settled(undefined);
  }

  /** @param at where in the file the chunk begins */
  feed(at: number, chunk: Buffer, flow: AnswerFlow): void {
    const news = chunk.subarray(Math.max(0, this.fed - at));
    if (news.length === 0) return;
    this.fed += news.length;
    if (this.compressor.write(news)) return;
    this.held.add(flow);
    flow.pause();
  }

  /** One of the answers has come to its end. */
  end(): void {
    if (this.whole) return;
    this.whole = true;
    this.compressor.end();
  }

  private release(): void {
    // A flow that is resumed may be held again before the next one is resumed.
    const flows = [...this.held];
    this.held.clear();
    for (const flow of flows) flow.resume();
  }
}
