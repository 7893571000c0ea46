import { isObject } from '../../../lib/json/json-object.js';
import type { JsonObject } from '../../../lib/json/strict-json.js';
import type { RouteFamily } from '../../mlflow-routes/route.js';
import { OPEN } from '../grants/decide.js';
import { byExperiment, rowFilter, type RowChoice } from '../search/answer-filter.js';
import {
  batchOfTraceInfos,
  batchOfTraces,
  listedScorers,
  searchedDatasets,
} from '../search/injected-search.js';
import { prunedExperiments, prunedLocations } from '../search/pruned-search.js';
import { planSearch } from '../search/search-plan.js';
import {
  EXPERIMENTS,
  MODEL_VERSIONS,
  REGISTERED_MODELS,
  type SearchedList,
} from '../search/searched-list.js';
import type { Access, Rule, RulesByCall } from './rule.js';

/** Searches and lists: a key sees only the part of the results that it is granted. */
export const LIST_RULES: Readonly<Partial<Record<RouteFamily, RulesByCall>>> = {
  experiment: { searchExperiments: searched(EXPERIMENTS) },
  run: { searchRuns: prunedExperiments },
  'logged-model': { searchLoggedModels: prunedExperiments },
  trace: {
    searchTraces: prunedExperiments,
    searchTracesV3: prunedLocations,
    queryTraceMetrics: prunedExperiments,
    calculateTraceFilterCorrelation: prunedExperiments,
    batchGetTraces: batchOfTraces,
    batchGetTraceInfos: batchOfTraceInfos,
  },
  registry: {
    searchRegisteredModels: searched(REGISTERED_MODELS),
    searchModelVersions: searched(MODEL_VERSIONS),
  },
  dataset: {
    searchDatasets: prunedExperiments,
    serve_search_datasets: prunedExperiments,
    searchEvaluationDatasets: searchedDatasets,
  },
  scorer: {
    listScorers: listedScorers,
    get_online_scoring_configs: filtered('configs', (access) =>
      byExperiment((row) => row['experiment_id'], access),
    ),
  },
  job: {
    search_jobs: filtered('jobs', (access) => byExperiment(experimentOfJob, access)),
  },
  workspace: {
    listWorkspaces: filtered('workspaces', ({ grants }) =>
      byText(
        (row) => row['name'],
        (name) => grants.workspaces.includes(name),
      ),
    ),
  },
  'gateway-admin': {
    listGatewayEndpoints: endpointList('endpoints', 'name'),
  },
  gateway: {
    list_models: endpointList('data', 'id'),
  },
};

/** A search that names nothing. */
function searched(list: SearchedList): Rule {
  return {
    body: 'message',
    judge: async (asked, access) =>
      list.isWhollyOpen(access)
        ? { verdict: OPEN }
        : { verdict: OPEN, plan: await planSearch(list, asked, access) },
  };
}

/** Endpoints of a gateway: those that may be called. */
export function endpointList(member: string, name: string): Rule {
  return filtered(member, (access) => byText((row) => row[name], isEndpoint(access)));
}

/** A list that MLflow gives in one answer. */
function filtered(member: string, select: (access: Access) => RowChoice): Rule {
  return {
    judge: (_asked, access) => {
      access.searches.metrics.searched('filtered');
      return { verdict: OPEN, plan: { answerFilter: rowFilter(member, select(access)) } };
    },
  };
}

function byText(textOf: (row: JsonObject) => unknown, isOpen: (text: string) => boolean): RowChoice {
  return {
    of: (row) => {
      const text = textOf(row);
      return typeof text === 'string' && isOpen(text);
    },
  };
}

function isEndpoint({ grants }: Access): (name: string) => boolean {
  return (name) => grants.grantFor({ kind: 'endpoint', name }, 'invoke') !== undefined;
}

function experimentOfJob({ params }: JsonObject): unknown {
  return isObject(params) ? params['experiment_id'] : undefined;
}
