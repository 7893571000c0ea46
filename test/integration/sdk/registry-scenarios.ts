import type { ModelVersion, RegisteredModel } from '../../../src/sdk/index.js';
import { collect, outcome, rename, type Scenario } from './scenario.js';

function plainModel({ name, description, tags, aliases, latestVersions }: RegisteredModel): unknown {
  return { name, description, tags, aliases, latest: latestVersions.map(plainVersion) };
}

function plainVersion({
  name,
  version,
  stage,
  status,
  description,
  tags,
  aliases,
  runId,
}: ModelVersion): unknown {
  return { name, version, stage, status, description, tags, aliases, hasRun: runId !== undefined };
}

export const REGISTRY_SCENARIOS: Scenario[] = [
  {
    guarantee: 'a model is created, described, tagged, renamed and deleted',
    async run({ registry }, unique) {
      const name = `model-${unique}`;
      const made = await registry.create(name, { description: 'first', tags: { a: '1', b: '2' } });
      const again = await outcome(registry.create(name));
      await registry.setTag(name, 'c', '3');
      await registry.deleteTag(name, 'a');
      const described = await registry.describe(name, 'better');
      const renamed = await registry.rename(name, `new-${unique}`);
      const found = await registry.get(`new-${unique}`);
      const old = await outcome(registry.get(name));
      await registry.delete(`new-${unique}`);
      return rename(
        {
          again,
          old,
          states: [made, described, renamed, found].map(plainModel),
          deleted: await outcome(registry.get(`new-${unique}`)),
          noTagOfNone: await outcome(registry.setTag(name, 'x', 'y')),
          empty: await outcome(registry.create('')),
        },
        { unique },
      );
    },
  },
  {
    guarantee: 'versions are numbered, aliased, staged, tagged, resolved by address and deleted',
    async run({ registry }, unique) {
      const name = `versions-${unique}`;
      const source = `s3://models/${unique}/model`;
      const first = await registry.register({
        name,
        source,
        description: 'one',
        tags: { k: 'v' },
        aliases: ['champion'],
      });
      const second = await registry.register({ name, source, aliases: ['challenger'] });
      const third = await registry.versions.create(name, source);
      await registry.setAlias(name, 'champion', '2');
      await registry.deleteAlias(name, 'challenger');
      await registry.versions.setTag(name, '1', { key: 'eval', value: 'ok' });
      await registry.versions.deleteTag(name, '1', 'k');
      await registry.versions.describe(name, '3', 'three');
      const staged = await registry.versions.transition(name, '1', 'Production');
      await registry.versions.transition(name, '2', 'Production', { archiveOthers: true });
      const byAddress = async (address: string): Promise<unknown> =>
        outcome(registry.versions.resolve(address).then(({ version }) => version));
      const addresses = {
        number: await byAddress(`models:/${name}/1`),
        alias: await byAddress(`models:/${name}@champion`),
        stage: await byAddress(`models:/${name}/Production`),
        latest: await byAddress(`models:/${name}/latest`),
        noAlias: await byAddress(`models:/${name}@challenger`),
        noStage: await byAddress(`models:/${name}/Staging`),
        noVersion: await byAddress(`models:/${name}/99`),
        nonsense: await byAddress('models:nothing'),
      };
      const all = (await collect(registry.versions.of(name))).sort(
        (a, b) => Number(a.version) - Number(b.version),
      );
      const latest = (await registry.versions.latest(name))
        .map(({ version, stage }) => `${version}:${stage}`)
        .sort();
      await registry.versions.delete(name, '2');
      return rename(
        {
          made: [first, second, third, staged].map(plainVersion),
          all: all.map(plainVersion),
          latest,
          addresses,
          uri: await registry.versions.files.downloadUri(name, '1'),
          gone: await outcome(registry.versions.get(name, '2')),
          aliasOfGone: await byAddress(`models:/${name}@champion`),
          model: plainModel(await registry.get(name)),
          badStage: await outcome(registry.versions.transition(name, '1', 'Nowhere' as 'None')),
          noModel: await outcome(registry.versions.create(`none-${unique}`, source)),
          aliasToNone: await outcome(registry.setAlias(name, 'a', '99')),
        },
        { unique },
      );
    },
  },
  {
    guarantee: 'models and versions are searched by name and tag, page by page',
    async run({ registry }, unique) {
      for (const index of [0, 1, 2, 3]) {
        await registry.create(`m${index}-${unique}`, { tags: { group: unique, parity: String(index % 2) } });
        await registry.versions.create(`m${index}-${unique}`, `s3://models/x${index}`, {
          tags: { vg: unique },
        });
      }
      const models = async (options: Parameters<typeof registry.search>[0]): Promise<string[]> =>
        (await collect(registry.search(options))).map(({ name }) => name);
      const versions = async (options: Parameters<typeof registry.versions.search>[0]): Promise<string[]> =>
        (await collect(registry.versions.search(options))).map(({ name, version }) => `${name}/${version}`);
      return rename(
        {
          paged: await models({ filter: `name LIKE 'm%-${unique}'`, pageSize: 3 }),
          descending: await models({ filter: `tags.group = '${unique}'`, orderBy: ['name DESC'], limit: 2 }),
          tagged: await models({ filter: `tags.group = '${unique}' AND tags.parity = '1'` }),
          versions: await versions({ filter: `tags.vg = '${unique}'`, orderBy: ['name ASC'], pageSize: 3 }),
          ofOne: await versions({ filter: `name = 'm2-${unique}'` }),
          bad: await outcome(models({ filter: 'nonsense' })),
          badKey: await outcome(models({ filter: "color = 'red'" })),
        },
        { unique },
      );
    },
  },
  {
    guarantee:
      'lineage leads from a version to its run, parent, experiment and datasets, and bears a missing run',
    async run({ registry, experiments }, unique) {
      const { experimentId } = await experiments.create(`lineage-${unique}`);
      const parent = await experiments.runs.start(experimentId, { name: 'search' });
      const run = await experiments.runs.start(experimentId, { name: 'trial', parentRunId: parent.runId });
      await experiments.runs.logDatasets(run.runId, [
        { name: 'd', digest: 'x1', sourceType: 'local', source: '{}' },
      ]);
      const name = `lineage-${unique}`;
      const made = await registry.register({ name, source: `runs:/${run.runId}/model`, runId: run.runId });
      const orphan = await registry.register({ name, source: 's3://models/orphan' });
      const lineage = await registry.versions.lineage(name, made.version);
      const none = await registry.versions.lineage(name, orphan.version);
      return rename(
        {
          source: lineage.version.source === `${run.artifactUri}/model`,
          chain: [lineage.run?.name, lineage.parentRun?.name, lineage.experiment?.name],
          datasets: lineage.datasets,
          withoutItsRun: await outcome(registry.versions.create(name, `${run.artifactUri}/model`)),
          none: [none.run, none.parentRun, none.experiment, none.datasets],
        },
        { unique },
      );
    },
  },
];
