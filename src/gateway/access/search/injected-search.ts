import { ProblemError } from '../../../lib/http/problem-error.js';
import { isObject } from '../../../lib/json/json-object.js';
import type { Json, JsonObject } from '../../../lib/json/strict-json.js';
import { OPEN, verdictOf } from '../grants/decide.js';
import { needOf, type Rule, type Ruling } from '../rules/rule.js';
import { byExperiment, rowFilter } from './answer-filter.js';
import { MAX_LISTED } from './prepend-filter.js';
import { openIds, prunedExperiments, rulingOf } from './pruned-search.js';
import { rewritten } from './rewritten-request.js';
import { decideTraces } from './trace-verdict.js';

const NOTHING: Ruling = {
  verdict: OPEN,
  plan: { answer: { status: 200, body: Buffer.from('{}') } },
};

/** Data sets of experiments: without a list MLflow gives all there are, so the gateway names those that are granted. */
export const searchedDatasets: Rule = {
  body: 'message',
  judge: async (asked, access) => {
    if (asked.has('experiment_ids[]')) return prunedExperiments.judge(asked, access);
    const ids = await access.directory.readableExperiments(access);
    if (ids.length === 0) return NOTHING;
    if (ids.length > MAX_LISTED)
      throw new ProblemError('call-forbidden', {
        message: `The API key is granted more than ${MAX_LISTED} experiments. Name the experiments to search in "experiment_ids".`,
      });
    access.searches.metrics.searched('restricted');
    return { ...NOTHING, plan: rewritten(asked, { experiment_ids: [...ids] }) };
  },
};

/**
 * Traces by their ids: MLflow leaves out what it does not find, and so does the gateway what is not granted, and what has
 * been moved by the time that MLflow reads it.
 */
export const batchOfTraces = batchOf('traces', ({ trace_info: info }) => experimentOfTrace(info));
/** The same without their spans. */
export const batchOfTraceInfos = batchOf('trace_infos', experimentOfTrace);

function batchOf(member: string, experimentOf: (row: JsonObject) => unknown): Rule {
  return {
    judge: async (asked, access) => {
      const ruling = await prunedTraces.judge(asked, access);
      if (ruling.verdict.lacking !== undefined) return ruling;
      return {
        ...ruling,
        plan: { ...ruling.plan, answerCheck: rowFilter(member, byExperiment(experimentOf, access)) },
      };
    },
  };
}

function experimentOfTrace(info: Json | undefined): unknown {
  const location = isObject(info) ? info['trace_location'] : undefined;
  const experiment = isObject(location) ? location['mlflow_experiment'] : undefined;
  return isObject(experiment) ? experiment['experiment_id'] : undefined;
}

const prunedTraces: Rule = {
  judge: async (asked, access) => {
    const values = asked.read('trace_ids[]');
    const distinct = [...new Map(values.map((value) => [value.text, value])).values()];
    const needs = distinct.map((value) => needOf(asked, 'trace', value, 'read'));
    const { findings, missing } = await decideTraces(
      needs.map(({ named }) => named),
      'read',
      access,
    );
    const absent = missing.map((named) => ({
      need: { named, level: 'read' as const },
      owners: [],
      quantifier: 'all' as const,
      how: 'looked_up' as const,
      grant: undefined,
    }));
    const verdict = verdictOf([...findings, ...absent]);
    const open = openIds(verdict);
    const kept = values.map(({ text }) => text).filter((id) => open.has(id));
    return rulingOf(verdict, values.length, kept.length, () => {
      access.searches.metrics.searched('pruned');
      return rewritten(asked, { trace_ids: kept });
    });
  },
};

/** Scorers of one experiment, of several, or of all: what of them is seen, the rows of the answer decide. */
export const listedScorers: Rule = {
  judge: async (asked, access) => {
    const filter = rowFilter(
      'scorers',
      byExperiment((row) => row['experiment_id'], access),
    );
    const named = asked.read('experiment_id').filter(({ text }) => text !== '');
    if (named.length > 0) {
      const verdict = await access.decide(named.map((value) => needOf(asked, 'experiment', value)));
      if (verdict.lacking !== undefined) return { verdict };
    }
    if (asked.has('experiment_ids[]')) return prunedExperiments.judge(asked, access);
    if (named.length > 0) return { ...NOTHING, plan: { answerFilter: filter } };
    const ids = await access.directory.readableExperiments(access);
    if (ids.length === 0) return NOTHING;
    const request = ids.length > MAX_LISTED ? {} : rewritten(asked, { experiment_ids: [...ids] });
    access.searches.metrics.searched('filtered');
    return { ...NOTHING, plan: { ...request, answerFilter: filter } };
  },
};
