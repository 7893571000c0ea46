import {
  FULL,
  get,
  KEY,
  refused,
  startAttackedSystem,
  V3,
  type AttackedSystem,
} from '../../support/mlflow/granted-things.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';

const ADMIN = 'key-of-gateway-0123456789abcdef';
const GATEWAY = `${V3}/gateway`;

describe("what MLflow's AI gateway holds, asked for by keys with grants", () => {
  let system: AttackedSystem;
  const ids = { secret: '', model: '', own: '', foreign: '', budget: '' };
  const names = { own: '', foreign: '' };

  beforeAll(async () => {
    system = await startAttackedSystem((await sharedMlflow()).url);
    const { prefix, A, B } = system.things;
    const { full } = system;
    const secret_name = `secret-${prefix}`;
    const secret = await full('POST', `${GATEWAY}/secrets/create`, {
      ...{ secret_name, provider: 'openai', secret_value: { api_key: 'none' } },
    });
    ids.secret = (secret['secret'] as { secret_id: string }).secret_id;
    const model = await full('POST', `${GATEWAY}/model-definitions/create`, {
      ...{ name: `model-${prefix}`, provider: 'openai', model_name: 'none', secret_id: ids.secret },
    });
    ids.model = (model['model_definition'] as { model_definition_id: string }).model_definition_id;
    for (const one of ['own', 'foreign'] as const) {
      names[one] = `${one === 'own' ? 'gpt' : 'other'}-${prefix}`;
      const made = await full('POST', `${GATEWAY}/endpoints/create`, {
        name: names[one],
        model_configs: [{ model_definition_id: ids.model, linkage_type: 'PRIMARY', weight: 1 }],
      });
      ids[one] = (made['endpoint'] as { endpoint_id: string }).endpoint_id;
    }
    // A judge of the other team, which is bound to its endpoint.
    const judge = { instructions: '{{ inputs }}', model: `gateway:/${names.foreign}` };
    await full('POST', `${V3}/scorers/register`, {
      experiment_id: B,
      name: `judge-of-${prefix}`,
      serialized_scorer: JSON.stringify({ name: 'j', instructions_judge_pydantic_data: judge }),
    });
    system.know(ADMIN, ['gateway:write'], { experiments: [{ id: A, level: 'read' }] });
    system.forwarded();
  });
  afterAll(() => system?.close());

  it('is an endpoint that may be called, by its name and by its id, and no other', async () => {
    for (const query of [`name=${names.own}`, `endpoint_id=${ids.own}`])
      expect((await system.ask(KEY, get(`${GATEWAY}/endpoints/get?${query}`))).text).toContain(ids.own);
    for (const query of [
      `name=${names.foreign}`,
      `endpoint_id=${ids.foreign}`,
      `name=${names.own}&endpoint_id=${ids.foreign}`,
      `endpoint_id=none`,
    ])
      await refused(system, [query, KEY, () => get(`${GATEWAY}/endpoints/get?${query}`), 403]);
  });

  it('is no secret, model or budget, not even by its name', async () => {
    for (const path of [
      `secrets/get?secret_id=${ids.secret}`,
      `secrets/get?secret_name=secret-${system.things.prefix}`,
      `model-definitions/get?model_definition_id=${ids.model}`,
      'budgets/get?budget_policy_id=b',
    ])
      await refused(system, [path, KEY, () => get(`${GATEWAY}/${path}`), 403]);
  });

  it('are empty lists of them, of bindings and of guardrails, which name judges of other experiments', async () => {
    for (const path of [
      'secrets/list',
      'model-definitions/list',
      'endpoints/bindings/list',
      `endpoints/bindings/list?endpoint_id=${ids.foreign}`,
      `guardrails/list-for-endpoint?endpoint_id=${ids.foreign}`,
      'budgets/list',
      'budgets/windows',
    ]) {
      const { status, body } = await system.ask(KEY, get(`${GATEWAY}/${path}`));
      expect([path, status, body]).toEqual([path, 200, {}]);
    }
    expect(system.forwarded()).toEqual([]);
    const whole = await system.ask(FULL, get(`${GATEWAY}/endpoints/bindings/list`));
    expect(whole.text).toContain(`judge-of-${system.things.prefix}`);
  });

  it('is all of it for a key that sets the gateway up, by a scope of its own', async () => {
    for (const path of [
      `secrets/get?secret_id=${ids.secret}`,
      `endpoints/get?endpoint_id=${ids.foreign}`,
      `model-definitions/get?model_definition_id=${ids.model}`,
    ])
      expect([path, (await system.ask(ADMIN, get(`${GATEWAY}/${path}`))).status]).toEqual([path, 200]);
    expect((await system.ask(ADMIN, get(`${GATEWAY}/model-definitions/list`))).text).toContain(ids.model);
  });
});
