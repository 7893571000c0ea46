import { type ProgressListener, withProgress } from '../http/streams.js';

/** A file that is being downloaded: read `body`, or use one of the methods. It can be read once. */
export class ArtifactDownload {
  /** Undefined where the server does not say. */
  readonly sizeBytes: number | undefined;
  readonly contentType: string | undefined;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;

  constructor(
    headers: Headers,
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
    onProgress?: ProgressListener,
  ) {
    const length = headers.get('content-length');
    this.sizeBytes = length === null ? undefined : Number(length);
    this.contentType = headers.get('content-type') ?? undefined;
    this.body = withProgress(body, this.sizeBytes, onProgress);
  }

  /** The whole file in memory. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await new Response(this.body).arrayBuffer());
  }

  /** The whole file as UTF-8. */
  text(): Promise<string> {
    return new Response(this.body).text();
  }

  /** The whole file as JSON. */
  async json<T>(): Promise<T> {
    return JSON.parse(await this.text()) as T;
  }
}
