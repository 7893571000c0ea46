import { LRUCache } from 'lru-cache';
import { FileCompression, type Coding } from './file-compression.js';

/** A file that may be kept: its name identifies its content. */
export interface KeptFile {
  readonly name: string;
  /** Uncompressed. */
  readonly bytes: number;
}

export type CompressedFile = { readonly bytes: Buffer } | { readonly compression: FileCompression };

/** Larger files are compressed for each answer. MLflow's largest one has 4.5 MB. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Compressed files in memory, the least used ones dropped first, and those that are being compressed. */
export class CompressedFiles {
  private readonly files: LRUCache<string, Buffer> | undefined;
  private readonly running = new Map<string, FileCompression>();
  private compressions = 0;
  private fromMemory = 0;

  /** @param maxBytes of all that is kept; 0 keeps nothing, and shares nothing between answers */
  constructor(maxBytes: number) {
    if (maxBytes > 0)
      this.files = new LRUCache({ maxSize: maxBytes, sizeCalculation: (bytes) => bytes.length });
  }

  /** Files compressed, files given out without being compressed for it, and bytes kept. */
  get counts(): { compressions: number; fromMemory: number; keptBytes: number } {
    const { compressions, fromMemory } = this;
    return { compressions, fromMemory, keptBytes: this.files?.calculatedSize ?? 0 };
  }

  /** @param file undefined for what may not be kept */
  open(coding: Coding, file: KeptFile | undefined): CompressedFile {
    const { files, running } = this;
    if (files === undefined || file === undefined || file.bytes > MAX_FILE_BYTES) {
      this.compressions++;
      return { compression: new FileCompression(coding, file?.bytes, () => undefined) };
    }
    const name = `${coding} ${file.name}`;
    const bytes = files.get(name);
    const under = running.get(name);
    if (bytes !== undefined || under !== undefined) this.fromMemory++;
    if (bytes !== undefined) return { bytes };
    if (under !== undefined) return { compression: under };
    this.compressions++;
    const compression = new FileCompression(coding, file.bytes, (whole) => {
      running.delete(name);
      if (whole !== undefined) files.set(name, whole);
    });
    running.set(name, compression);
    return { compression };
  }
}
