import type { Experiment, Hokusai, Run } from '../../../src/sdk/index.js';
import { collect, outcome, type Scenario } from './scenario.js';

/** Tags that a server adds on its own are none of the user's. */
function own(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('mlflow.')));
}

function plainExperiment({ name, lifecycleStage, tags, createdAtMs }: Experiment, unique: string): unknown {
  return { name: name.replace(unique, ''), lifecycleStage, tags: own(tags), dated: (createdAtMs ?? 0) > 0 };
}

function plainRun(run: Run): unknown {
  const { name, status, metrics, params, tags, lifecycleStage, datasets, startedAtMs, endedAtMs } = run;
  return {
    name,
    status,
    metrics,
    params,
    tags: own(tags),
    lifecycleStage,
    datasets,
    startedAtMs,
    ended: endedAtMs !== undefined,
  };
}

async function withExperiment<T>(
  { experiments }: Hokusai,
  unique: string,
  work: (experimentId: string) => Promise<T>,
): Promise<T> {
  const { experimentId } = await experiments.create(`work-${unique}`);
  return work(experimentId);
}

export const EXPERIMENT_SCENARIOS: Scenario[] = [
  {
    guarantee: 'an experiment is created, found, renamed, tagged, deleted and restored',
    async run({ experiments }, unique) {
      const made = await experiments.create(`exp-${unique}`, { tags: { team: 'risk', gone: 'soon' } });
      const again = await outcome(experiments.create(`exp-${unique}`));
      const same = await experiments.getOrCreate(`exp-${unique}`);
      await experiments.setTag(made.experimentId, 'stage', 'pilot');
      await experiments.deleteTag(made.experimentId, 'gone');
      await experiments.rename(made.experimentId, `renamed-${unique}`);
      const renamed = await experiments.getByName(`renamed-${unique}`);
      await experiments.delete(made.experimentId);
      const deleted = await experiments.get(made.experimentId);
      const inDeleted = await outcome(experiments.runs.start(made.experimentId).then(() => 'started'));
      await experiments.restore(made.experimentId);
      const restored = await experiments.get(made.experimentId);
      return {
        again,
        inDeleted,
        same: same.experimentId === made.experimentId,
        states: [made, renamed, deleted, restored].map((one) => plainExperiment(one, unique)),
        nothing: await outcome(experiments.get('999999999')),
        noName: await outcome(experiments.getByName(`none-${unique}`)),
        noTag: await outcome(experiments.deleteTag(made.experimentId, 'never')),
        empty: await outcome(experiments.create('')),
      };
    },
  },
  {
    guarantee: 'experiments are searched by name and tag, page by page, up to a limit, deleted ones by view',
    async run({ experiments }, unique) {
      for (const index of [0, 1, 2, 3, 4])
        await experiments.create(`s${index}-${unique}`, {
          tags: { group: unique, parity: index % 2 ? 'odd' : 'even' },
        });
      await experiments.delete((await experiments.getByName(`s4-${unique}`)).experimentId);
      const names = async (options: Parameters<typeof experiments.search>[0]): Promise<string[]> =>
        (await collect(experiments.search(options))).map(({ name }) => name.replace(unique, ''));
      const filter = `tags.group = '${unique}'`;
      return {
        paged: await names({ filter, pageSize: 2, orderBy: ['name ASC'] }),
        descending: await names({ filter, orderBy: ['name DESC'] }),
        latestFirst: await names({ filter }),
        limited: await names({ filter, limit: 3, pageSize: 2, orderBy: ['name ASC'] }),
        odd: await names({ filter: `${filter} AND tags.parity = 'odd'`, orderBy: ['name ASC'] }),
        like: await names({
          filter: `name LIKE 's_-${unique}' and tags.parity != 'odd'`,
          orderBy: ['name ASC'],
        }),
        deleted: await names({ filter, viewType: 'DELETED_ONLY' }),
        all: await names({ filter, viewType: 'ALL', orderBy: ['name ASC'] }),
        bad: await outcome(names({ filter: 'what is this' })),
      };
    },
  },
  {
    guarantee: 'a run keeps what is logged, also not-a-number, and ends as told',
    run: (hokusai, unique) =>
      withExperiment(hokusai, unique, async (experimentId) => {
        const { runs } = hokusai.experiments;
        const run = await runs.start(experimentId, {
          name: 'first',
          tags: { a: '1' },
          startedAtMs: 1_700_000_000_000,
        });
        await runs.logMetric(run.runId, { key: 'loss', value: 0.5, step: 1, timestampMs: 1000 });
        await runs.logMetric(run.runId, { key: 'loss', value: 0.25, step: 2, timestampMs: 2000 });
        await runs.logMetric(run.runId, { key: 'loss', value: 9, step: 1, timestampMs: 3000 });
        await runs.logMetric(run.runId, { key: 'nan', value: NaN });
        await runs.logMetric(run.runId, { key: 'inf', value: -Infinity });
        await runs.logParam(run.runId, 'lr', 0.01);
        const otherValue = await outcome(runs.logParam(run.runId, 'lr', 0.02));
        await runs.setTag(run.runId, 'b', '2');
        await runs.deleteTag(run.runId, 'a');
        await runs.log(run.runId, {
          metrics: { acc: 0.9 },
          params: { deep: true, depth: 3 },
          tags: { c: 'ü' },
          step: 7,
        });
        await runs.logDatasets(run.runId, [
          {
            name: 'train',
            digest: 'abc',
            sourceType: 'local',
            source: '{"uri":"/x"}',
            tags: { context: 'training' },
          },
        ]);
        await runs.rename(run.runId, 'second');
        await runs.end(run.runId, 'FINISHED');
        const ended = await runs.get(run.runId);
        return {
          otherValue,
          started: plainRun(run),
          ended: {
            ...(plainRun(ended) as object),
            metrics: Object.entries(ended.metrics)
              .map(([k, v]) => `${k}=${v}`)
              .sort(),
          },
          noTag: await outcome(runs.deleteTag(run.runId, 'never')),
          nothing: await outcome(runs.get('0'.repeat(32))),
          history: (await collect(runs.metricHistory(run.runId, 'loss'))).map((point) => [
            point.value,
            point.step,
            point.timestampMs,
          ]),
        };
      }),
  },
  {
    guarantee: 'a deleted run takes no more, and comes back',
    run: (hokusai, unique) =>
      withExperiment(hokusai, unique, async (experimentId) => {
        const { runs } = hokusai.experiments;
        const { runId } = await runs.start(experimentId, { name: 'r', startedAtMs: 5 });
        await runs.delete(runId);
        const refused = await outcome(runs.logMetric(runId, { key: 'm', value: 1 }));
        const refusedBatch = await outcome(runs.log(runId, { tags: { x: 'y' } }));
        const deleted = plainRun(await runs.get(runId));
        await runs.restore(runId);
        return { refused, refusedBatch, deleted, restored: plainRun(await runs.get(runId)) };
      }),
  },
  {
    guarantee: 'runs are searched by metric, parameter, tag and attribute, sorted and paged',
    run: (hokusai, unique) =>
      withExperiment(hokusai, unique, async (experimentId) => {
        const { runs } = hokusai.experiments;
        const ids: string[] = [];
        for (const index of [0, 1, 2, 3, 4]) {
          const { runId } = await runs.start(experimentId, {
            name: `run-${index}`,
            startedAtMs: 1000 + index,
          });
          ids.push(runId);
          await runs.log(runId, {
            metrics: { loss: index / 10 },
            params: { 'model/kind': index % 2 ? 'tree' : 'net' },
            tags: { owner: index < 3 ? 'ann' : 'bob' },
          });
          if (index > 2) await runs.end(runId, index === 3 ? 'FAILED' : 'KILLED');
        }
        const names = async (options: Parameters<typeof runs.search>[1]): Promise<string[]> =>
          (await collect(runs.search([experimentId], options))).map(({ name }) => name);
        return {
          latestFirst: await names({}),
          paged: await names({ pageSize: 2, orderBy: ['metrics.loss ASC'] }),
          byLoss: await names({
            filter: 'metrics.loss >= 0.2 and metrics.loss < 0.4',
            orderBy: ['metrics.loss DESC'],
          }),
          byParam: await names({ filter: "params.`model/kind` = 'tree'" }),
          byTag: await names({ filter: "tags.owner != 'ann'" }),
          byStatus: await names({ filter: "attributes.status = 'FAILED'" }),
          byName: await names({ filter: "attributes.run_name ILIKE 'RUN-%'", limit: 2 }),
          inList: await names({ filter: `attributes.run_id IN ('${ids[1]}', '${ids[4]}')` }),
          badList: await outcome(names({ filter: "attributes.run_name IN ('run-1')" })),
          none: await names({ filter: 'metrics.other > 0' }),
          bad: await outcome(names({ filter: 'metrics.loss ~ 1' })),
        };
      }),
  },
  {
    guarantee: 'work within a run ends it as FINISHED, or as FAILED with the work error kept',
    run: (hokusai, unique) =>
      withExperiment(hokusai, unique, async (experimentId) => {
        const { runs } = hokusai.experiments;
        const parent = await runs.start(experimentId, { name: 'parent' });
        const value = await runs.within(experimentId, (run) => Promise.resolve(run.name), {
          name: 'good',
          parentRunId: parent.runId,
        });
        let thrown = '';
        await runs
          .within(experimentId, () => Promise.reject(new Error('work broke')), { name: 'bad' })
          .catch((error: Error) => {
            thrown = error.message;
          });
        const found = await collect(
          runs.search([experimentId], { filter: "attributes.run_name != 'parent'" }),
        );
        const children = await collect(
          runs.search([experimentId], { filter: `tags.mlflow.parentRunId = '${parent.runId}'` }),
        );
        return {
          value,
          thrown,
          ended: Object.fromEntries(found.map(({ name, status }) => [name, status])),
          children: children.map(({ name }) => name),
        };
      }),
  },
  {
    guarantee:
      'thousands of metrics and hundreds of parameters and tags go through in batches, and a batch twice counts once',
    run: (hokusai, unique) =>
      withExperiment(hokusai, unique, async (experimentId) => {
        const { runs } = hokusai.experiments;
        const { runId } = await runs.start(experimentId);
        const metrics = Array.from({ length: 2500 }, (_, step) => ({
          key: 'm',
          value: step,
          step,
          timestampMs: 1,
        }));
        const params = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`p${i}`, 'x'.repeat(500)]));
        const tags = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`t${i}`, 'y'.repeat(5000)]));
        await runs.log(runId, { metrics, params, tags });
        await runs.log(runId, { metrics: metrics.slice(0, 10) });
        const run = await runs.get(runId);
        const history = await collect(runs.metricHistory(runId, 'm'));
        return {
          points: history.length,
          last: run.metrics['m'],
          params: Object.keys(run.params).length,
          tags: Object.keys(own(run.tags)).length,
        };
      }),
  },
];
