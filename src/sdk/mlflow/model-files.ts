import { ValidationError } from '../errors.js';
import type { CallOptions } from '../http/transport.types.js';
import type { ArtifactDownload } from './artifact-download.js';
import { checkArtifactPath, joinPath, proxyPathOf } from './artifact-location.js';
import type { TransferOptions } from './artifacts-client.js';
import { type ArtifactInfo, toArtifactInfo } from './experiment-entities.js';
import type { MlflowClient } from './mlflow-client.js';

/** Files of a model version, streamed through MLflow. */
export class ModelFiles {
  readonly #client: MlflowClient;

  constructor(client: MlflowClient) {
    this.#client = client;
  }

  /** Address of the version's artifact folder. */
  async downloadUri(name: string, version: string, options?: CallOptions): Promise<string> {
    const { signal, timeoutMs, maxRetries } = options ?? {};
    const call = { signal, timeoutMs, maxRetries };
    return (await this.#client.api.getModelVersionDownloadUri({ name, version }, call)).artifact_uri ?? '';
  }

  /**
   * Every file of a version, folders walked; paths are from the version's folder.
   *
   * @throws ValidationError where the files do not lie behind MLflow's artifact proxy
   */
  async *list(
    name: string,
    version: string,
    options?: CallOptions,
  ): AsyncGenerator<ArtifactInfo, void, undefined> {
    yield* this.#walk(await this.#folder(name, version, options), '', options);
  }

  /** Starts the download of one file; also where the store is not behind the proxy, as long as MLflow reaches it. */
  async download(
    name: string,
    version: string,
    path: string,
    options?: TransferOptions,
  ): Promise<ArtifactDownload> {
    checkArtifactPath(path);
    const folder = proxyPathOf(await this.downloadUri(name, version, options));
    return folder === undefined
      ? this.#client.artifacts.downloadFrom('/model-versions/get-artifact', { name, version, path }, options)
      : this.#client.artifacts.download(joinPath(folder, path), options);
  }

  /** Every file of a version with its download started, one after the other: read or cancel each before the next. */
  async *downloadAll(
    name: string,
    version: string,
    options?: TransferOptions,
  ): AsyncGenerator<{ path: string; download: ArtifactDownload }, void, undefined> {
    const folder = await this.#folder(name, version, options);
    for await (const { path } of this.#walk(folder, '', options))
      yield { path, download: await this.#client.artifacts.download(joinPath(folder, path), options) };
  }

  async #folder(name: string, version: string, options?: CallOptions): Promise<string> {
    const folder = proxyPathOf(await this.downloadUri(name, version, options));
    if (folder !== undefined) return folder;
    throw new ValidationError(
      `The files of ${name} version ${version} are not behind MLflow's artifact proxy`,
      {
        troubleshooting: 'Start MLflow with --serve-artifacts, or download single files by their path.',
      },
    );
  }

  async *#walk(
    root: string,
    folder: string,
    options?: CallOptions,
  ): AsyncGenerator<ArtifactInfo, void, undefined> {
    const { signal, timeoutMs, maxRetries } = options ?? {};
    const files = await this.#client.artifacts.list(joinPath(root, folder), {
      signal,
      timeoutMs,
      maxRetries,
    });
    for (const file of files.map(toArtifactInfo)) {
      const path = joinPath(folder, file.path);
      if (file.isDirectory) yield* this.#walk(root, path, options);
      else yield { ...file, path };
    }
  }
}
