import type { CallOptions } from '../http/transport.types.js';
import type { HttpTransport } from '../http/http-transport.js';
import { toQuery } from '../http/query.js';
import type { ProgressListener } from '../http/streams.js';
import { ArtifactDownload } from './artifact-download.js';
import { checkArtifactPath } from './artifact-location.js';
import type { FileInfoMessage } from './generated/run.types.js';
import { type ArtifactBody, UploadBody } from './upload-body.js';

const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts';

export interface TransferOptions extends CallOptions {
  /** Called after every chunk. */
  readonly onProgress?: ProgressListener | undefined;
}

export interface UploadOptions extends TransferOptions {
  /** Default `application/octet-stream`. */
  readonly contentType?: string | undefined;
}

export interface PresignedDownload {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** MLflow's artifact proxy: bodies are streamed both ways and never held whole. Paths are from the proxy's root. */
export class ArtifactsClient {
  readonly #transport: HttpTransport;

  constructor(transport: HttpTransport) {
    this.#transport = transport;
  }

  /** Uploads one file; an existing one is replaced. The time-out is the longest silence, not the whole time. */
  async upload(path: string, body: ArtifactBody, options: UploadOptions = {}): Promise<void> {
    const upload = new UploadBody(body, options.onProgress);
    await this.#transport.json(
      {
        method: 'PUT',
        path: `${ARTIFACTS}/${encodePath(path)}`,
        body: upload.body,
        contentLength: upload.contentLength,
        contentType: options.contentType ?? 'application/octet-stream',
        repeatable: true,
        // MLflow answers so under uvicorn, and with an empty message under other servers.
        mayBeEmpty: true,
        onBodyPulled: (listener) => upload.onPulled(listener),
      },
      // A whole body gives no sign of life while it is sent.
      upload.isStreamed ? options : { ...options, timeoutMs: options.timeoutMs ?? 0 },
    );
    upload.finish();
  }

  /** Starts a download; the body comes as it is read. */
  async download(path: string, options: TransferOptions = {}): Promise<ArtifactDownload> {
    return this.downloadFrom(`${ARTIFACTS}/${encodePath(path)}`, {}, options);
  }

  /** Starts a download from another route of MLflow that answers with a file. */
  async downloadFrom(route: string, query: object, options: TransferOptions = {}): Promise<ArtifactDownload> {
    const answer = await this.#transport.stream(
      { method: 'GET', path: route, query: toQuery(query) },
      options,
    );
    return new ArtifactDownload(answer.headers, answer.body, options.onProgress);
  }

  /** Files and folders directly under a folder; their paths are relative to it. */
  async list(folder = '', options?: CallOptions): Promise<FileInfoMessage[]> {
    const query = toQuery({ path: folder === '' ? undefined : checkArtifactPath(folder) });
    const answer = await this.#transport.json<{ files?: FileInfoMessage[] }>(
      { method: 'GET', path: ARTIFACTS, query },
      options,
    );
    return answer.files ?? [];
  }

  /** Deletes a file, or a folder with all in it. */
  async delete(path: string, options?: CallOptions): Promise<void> {
    await this.#transport.json({ method: 'DELETE', path: `${ARTIFACTS}/${encodePath(path)}` }, options);
  }

  /** A link to the store itself, where the store can give one; needs no key. */
  async presignDownload(path: string, options?: CallOptions): Promise<PresignedDownload> {
    const answer = await this.#transport.json<{ url?: string; headers?: Record<string, string> }>(
      { method: 'GET', path: `/api/2.0/mlflow-artifacts/presigned/${encodePath(path)}` },
      options,
    );
    return { url: answer.url ?? '', headers: answer.headers ?? {} };
  }
}

function encodePath(path: string): string {
  return checkArtifactPath(path).split('/').map(encodeURIComponent).join('/');
}
