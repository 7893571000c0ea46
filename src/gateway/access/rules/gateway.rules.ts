import { OPEN, verdictOf } from '../grants/decide.js';
import type { AskedRequest } from '../reading/asked-request.js';
import { then } from '../resolve/later.js';
import { decideTraces } from '../search/trace-verdict.js';
import { checkedAgain } from './answer-checks.js';
import { endpointList } from './list.rules.js';
import {
  each,
  needs,
  one,
  type Access,
  type Rule,
  type RulesByCall,
  type Ruling,
  type Source,
} from './rule.js';

/** MLflow reads JSON here under any content type. */
const byModel: Rule = inOwnTrace({
  ...needs(one('endpoint', 'model')),
  anyContentType: true,
  body: 'json',
});
const byPath = inOwnTrace(needs(one('endpoint', 'endpoint_name')));

/** Calls of models through MLflow's AI gateway. */
export const GATEWAY_RULES: RulesByCall = {
  invocations: byPath,
  raw_proxy: byPath,
  gemini_passthrough_generate_content: byPath,
  gemini_passthrough_stream_generate_content: byPath,
  chat_completions: byModel,
  openai_passthrough_chat: byModel,
  openai_passthrough_embeddings: byModel,
  openai_passthrough_responses: byModel,
  openai_passthrough_responses_compact: byModel,
  anthropic_passthrough_messages: byModel,
  typesafe_passthrough_system_one: byModel,
  serve_gateway_proxy: inOwnTrace({
    body: 'json',
    judge: (asked, access) =>
      (listsEndpoints(asked) ? endpointList('endpoints', 'name') : needs(proxied)).judge(asked, access),
  }),
};

const NOTHING: Ruling = {
  verdict: OPEN,
  plan: { answer: { status: 200, body: Buffer.from('{}') } },
};
const emptyList: Rule = { judge: () => NOTHING };

/**
 * Setting up endpoints: the `gateway` scopes decide, and the experiment that an endpoint writes traces to must be
 * granted. Other objects of the AI gateway reveal judges and secrets of others. Pages of MLflow's UI request their
 * lists, so these are answered as empty.
 */
export const GATEWAY_ADMIN_RULES: RulesByCall = {
  createGatewayEndpoint: needs(each('experiment', 'experiment_id', 'write')),
  updateGatewayEndpoint: needs(each('experiment', 'experiment_id', 'write')),
  getGatewayEndpoint: unlessSettingUp(
    checkedAgain(needs(each('endpoint', 'name', 'invoke'), each('endpoint-id', 'endpoint_id', 'invoke'))),
  ),
  getGatewayModelDefinition: unlessSettingUp(needs(one('gateway-part', 'model_definition_id'))),
  getGatewaySecretInfo: unlessSettingUp(needs(one('secret', 'secret_id'))),
  getBudgetPolicy: unlessSettingUp(needs(one('gateway-part', 'budget_policy_id'))),
  listGatewayModelDefinitions: unlessSettingUp(emptyList),
  listGatewaySecretInfos: unlessSettingUp(emptyList),
  listEndpointBindings: unlessSettingUp(emptyList),
  listEndpointGuardrailConfigs: unlessSettingUp(emptyList),
  listBudgetPolicies: unlessSettingUp(emptyList),
  listBudgetWindows: unlessSettingUp(emptyList),
};

/** A key that may set up the AI gateway sees everything in it. */
function unlessSettingUp(rule: Rule): Rule {
  return {
    ...rule,
    judge: (asked, access) => (access.grants.setsGatewayUp ? { verdict: OPEN } : rule.judge(asked, access)),
  };
}

/** MLflow's UI asks for it on many pages. */
function listsEndpoints(asked: AskedRequest): boolean {
  return asked.parts.place === 'query' && /^api\/2\.0\/endpoints\/?$/.test(asked.one('gateway_path').text);
}

/** MLflow sends on what is for one endpoint. */
function proxied(asked: AskedRequest): ReturnType<Source> {
  const { text, at } = asked.one('gateway_path');
  const name = /^gateway\/([^/]+)\/invocations$/.exec(text)?.[1] ?? '';
  return [{ named: { kind: 'endpoint', id: name, at }, level: 'invoke' }];
}

/** MLflow writes a span of the call into the trace that W3C's `traceparent` names, wherever that lies. */
function inOwnTrace(rule: Rule): Rule {
  return {
    ...rule,
    judge: (asked, access) =>
      then(rule.judge(asked, access), (ruling) => {
        const id = /^\w\w-([0-9a-f]{32})-/i.exec(asked.header('traceparent')?.trim() ?? '')?.[1];
        if (id === undefined || ruling.verdict.lacking !== undefined) return ruling;
        return withTrace(ruling, `tr-${id.toLowerCase()}`, access);
      }),
  };
}

async function withTrace(ruling: Ruling, id: string, access: Access): Promise<Ruling> {
  const named = { kind: 'trace' as const, id, at: 'header traceparent' };
  const { findings } = await decideTraces([named], 'write', access);
  return { ...ruling, verdict: verdictOf([...ruling.verdict.findings, ...findings]) };
}
