import { type TransferProgress } from '../../../src/sdk/index.js';
import { collect, outcome, rename, type Scenario } from './scenario.js';

const MEGABYTES_3 = 3 * 1024 * 1024;

function patterned(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31) % 251);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

async function* inChunks(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.byteLength; at += 100_000) {
    await Promise.resolve();
    yield bytes.subarray(at, at + 100_000);
  }
}

export const ARTIFACT_SCENARIOS: Scenario[] = [
  {
    guarantee: 'files of every kind of body arrive whole, are listed, come back and are deleted',
    async run({ experiments }, unique) {
      const { artifacts, runs } = experiments;
      const { experimentId } = await experiments.create(`files-${unique}`);
      const run = await runs.start(experimentId);
      const large = patterned(MEGABYTES_3);
      await artifacts.upload(run, 'text.txt', 'grüße');
      await artifacts.upload(run.runId, 'empty.bin', new Uint8Array());
      await artifacts.upload(run, 'model/large.bin', large);
      await artifacts.upload(run, 'model/blob.bin', new Blob([large]));
      await artifacts.upload(run, 'model/deep/odd name+&=ü%.bin', inChunks(large));
      await artifacts.upload(run, 'stream.bin', new Blob([large]).stream());
      const listed = (await collect(artifacts.listAll(run))).map(
        ({ path, sizeBytes }) => `${path} ${sizeBytes}`,
      );
      const root = (await collect(artifacts.list(run.runId))).map(
        ({ path, isDirectory }) => `${path} ${isDirectory}`,
      );
      const folder = (await collect(artifacts.list(run, 'model'))).map(({ path }) => path);
      const digests = [];
      for (const path of ['model/large.bin', 'model/blob.bin', 'model/deep/odd name+&=ü%.bin', 'stream.bin'])
        digests.push(
          (await sha256(await (await artifacts.download(run, path)).bytes())) === (await sha256(large)),
        );
      const text = await (await artifacts.download(run.runId, 'text.txt')).text();
      const empty = (await (await artifacts.download(run, 'empty.bin')).bytes()).byteLength;
      await artifacts.delete(run, 'text.txt');
      await artifacts.delete(run, 'model/deep/odd name+&=ü%.bin');
      return {
        listed: listed.sort(),
        root: root.sort(),
        folder: folder.sort(),
        digests,
        text,
        empty,
        left: (await collect(artifacts.listAll(run))).map(({ path }) => path).sort(),
        none: await outcome(artifacts.download(run, 'text.txt').then((one) => one.text())),
        outside: await outcome(artifacts.upload(run, '../x', '1')),
        hash: await outcome(artifacts.upload(run, 'a#b', '1')),
        encoded: await outcome(artifacts.upload(run, 'a%2Fb', '1')),
        absolute: await outcome(artifacts.download(run, '/etc/passwd')),
      };
    },
  },
  {
    guarantee: 'progress is told up and down, to the last byte',
    async run({ experiments }, unique) {
      const { artifacts, runs } = experiments;
      const { experimentId } = await experiments.create(`progress-${unique}`);
      const run = await runs.start(experimentId);
      const seen: TransferProgress[] = [];
      const onProgress = (progress: TransferProgress): number => seen.push(progress);
      const summary = (): unknown => {
        const rising = seen.every(
          (one, i) => i === 0 || one.transferredBytes > (seen[i - 1]?.transferredBytes ?? 0),
        );
        const { transferredBytes, totalBytes } = seen.at(-1) ?? {};
        return { several: seen.splice(0).length > 1, rising, transferredBytes, totalBytes };
      };
      await artifacts.upload(run, 'a.bin', new Blob([patterned(MEGABYTES_3)]), { onProgress });
      const blob = summary();
      await artifacts.upload(run, 'b.bin', inChunks(patterned(MEGABYTES_3)), { onProgress });
      const stream = summary();
      await artifacts.upload(run, 'c.bin', 'short', { onProgress });
      const short = summary();
      await (await artifacts.download(run, 'a.bin', { onProgress })).bytes();
      const { rising, transferredBytes } = summary() as TransferProgress & { rising: boolean };
      return { blob, stream, short, down: { rising, transferredBytes } };
    },
  },
  {
    guarantee: 'a model registered from a run is listed and downloaded by its version',
    async run({ experiments, registry }, unique) {
      const { artifacts, runs } = experiments;
      const { experimentId } = await experiments.create(`load-${unique}`);
      const run = await runs.start(experimentId);
      await artifacts.upload(run, 'model/MLmodel', 'flavors: {}');
      await artifacts.upload(run, 'model/data/weights.json', '{"w":[1,2]}');
      const name = `load-${unique}`;
      const { version } = await registry.register({
        name,
        source: `runs:/${run.runId}/model`,
        runId: run.runId,
      });
      const { files } = registry.versions;
      const all: Record<string, string> = {};
      for await (const { path, download } of files.downloadAll(name, version))
        all[path] = await download.text();
      const one = await files.download(name, version, 'data/weights.json');
      const uri = await files.downloadUri(name, version);
      return rename(
        {
          all,
          listed: (await collect(files.list(name, version)))
            .map(({ path, sizeBytes }) => `${path} ${sizeBytes}`)
            .sort(),
          one: await one.json(),
          uri,
          noFile: await outcome(files.download(name, version, 'nothing').then((file) => file.text())),
          noVersion: await outcome(files.download(name, '9', 'MLmodel')),
        },
        { run: run.runId, experiment: `/${experimentId}/` },
      );
    },
  },
];
