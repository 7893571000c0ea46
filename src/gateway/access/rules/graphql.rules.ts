import type { JsonObject } from '../../../lib/json/strict-json.js';
import type { Need } from '../grants/decide.js';
import { ambiguous } from '../reading/ambiguous.js';
import { GraphqlFault } from '../reading/graphql/graphql-fault.js';
import { readGraphql, type GraphqlReading } from '../reading/graphql/graphql-reader.js';
import { then } from '../resolve/later.js';
import { modelVersionsFilter } from '../search/model-versions-filter.js';
import { bounded, type RulesByCall } from './rule.js';

export const GRAPHQL_RULES: RulesByCall = {
  graphql: {
    body: 'json',
    judge: (asked, access) => {
      if (asked.parts.place !== 'body') throw ambiguous('a GraphQL query is not in the body');
      const { named, asksForModelVersions } = reading(asked.parts.fields);
      const needs = named.map(({ kind, id, at }): Need => ({
        named: { kind, id, at: `body query ${at}` },
        level: 'read',
      }));
      return then(access.decide(bounded(needs)), (verdict) => {
        if (verdict.lacking !== undefined || !asksForModelVersions) return { verdict };
        access.searches.metrics.searched('filtered');
        return { verdict, plan: { answerFilter: modelVersionsFilter(access) } };
      });
    },
  },
};

function reading(body: JsonObject): GraphqlReading {
  try {
    return readGraphql(body);
  } catch (error) {
    if (error instanceof GraphqlFault) throw ambiguous(`its query ${error.message}`);
    throw error;
  }
}
