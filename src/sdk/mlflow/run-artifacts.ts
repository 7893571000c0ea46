import { ValidationError } from '../errors.js';
import type { CallOptions } from '../http/transport.types.js';
import type { ArtifactDownload } from './artifact-download.js';
import { checkArtifactPath, joinPath, proxyPathOf } from './artifact-location.js';
import type { TransferOptions, UploadOptions } from './artifacts-client.js';
import { type ArtifactInfo, type Run, toArtifactInfo } from './experiment-entities.js';
import type { MlflowClient } from './mlflow-client.js';
import { eachItem } from '../http/pages.js';
import type { ArtifactBody } from './upload-body.js';

/** A run, or its id; with the run itself a request is saved. */
export type RunReference = string | Pick<Run, 'runId' | 'artifactUri'>;

/** Files of runs, streamed through MLflow's artifact proxy. */
export class RunArtifacts {
  readonly #client: MlflowClient;

  constructor(client: MlflowClient) {
    this.#client = client;
  }

  /**
   * Uploads one file of a run; an existing one is replaced.
   *
   * @throws ValidationError where the run's artifacts do not lie behind the proxy
   */
  async upload(run: RunReference, path: string, body: ArtifactBody, options?: UploadOptions): Promise<void> {
    await this.#client.artifacts.upload(await this.#proxied(run, path, options), body, options);
  }

  /** Starts the download of one file; also where the store is not behind the proxy, as long as MLflow reaches it. */
  async download(run: RunReference, path: string, options?: TransferOptions): Promise<ArtifactDownload> {
    const { runId, artifactUri } = await this.#locate(run, options);
    const folder = proxyPathOf(artifactUri);
    checkArtifactPath(path);
    return folder === undefined
      ? this.#client.artifacts.downloadFrom('/get-artifact', { path, run_uuid: runId }, options)
      : this.#client.artifacts.download(joinPath(folder, path), options);
  }

  /** Files and folders directly under a folder of the run; paths are from the run's artifact folder. */
  list(run: RunReference, folder = '', options?: CallOptions): AsyncGenerator<ArtifactInfo, void, undefined> {
    const runId = typeof run === 'string' ? run : run.runId;
    return eachItem(async (pageToken) => {
      const page = await this.#client.api.listArtifacts(
        {
          run_id: runId,
          ...(folder !== '' && { path: folder }),
          ...(pageToken && { page_token: pageToken }),
        },
        options,
      );
      return { items: (page.files ?? []).map(toArtifactInfo), nextPageToken: page.next_page_token };
    });
  }

  /** Every file of a run, folders walked. */
  async *listAll(
    run: RunReference,
    folder = '',
    options?: CallOptions,
  ): AsyncGenerator<ArtifactInfo, void, undefined> {
    for await (const item of this.list(run, folder, options))
      if (item.isDirectory) yield* this.listAll(run, item.path, options);
      else yield item;
  }

  /** Deletes a file, or a folder with all in it. */
  async delete(run: RunReference, path: string, options?: CallOptions): Promise<void> {
    await this.#client.artifacts.delete(await this.#proxied(run, path, options), options);
  }

  async #proxied(run: RunReference, path: string, options?: CallOptions): Promise<string> {
    checkArtifactPath(path);
    const { artifactUri } = await this.#locate(run, options);
    const folder = proxyPathOf(artifactUri);
    if (folder === undefined)
      throw new ValidationError(`The artifacts of this run are not behind MLflow's artifact proxy`, {
        troubleshooting:
          'Start MLflow with --serve-artifacts, or create the experiment without an artifact location of its own.',
      });
    return joinPath(folder, path);
  }

  async #locate(run: RunReference, call: CallOptions = {}): Promise<Pick<Run, 'runId' | 'artifactUri'>> {
    if (typeof run !== 'string') return run;
    const { signal, timeoutMs, maxRetries } = call;
    const answer = await this.#client.api.getRun({ run_id: run }, { signal, timeoutMs, maxRetries });
    return { runId: run, artifactUri: answer.run?.info?.artifact_uri ?? '' };
  }
}
