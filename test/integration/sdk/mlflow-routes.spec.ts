import {
  HokusaiError,
  MLFLOW_ROUTES,
  MlflowClient,
  NotFoundError,
  type RouteName,
} from '../../../src/sdk/index.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { startRealHokusai, type RealHokusai } from './real-hokusai.js';

let real: RealHokusai;
beforeAll(async () => {
  real = await startRealHokusai();
}, 120_000);
afterAll(() => real?.close());

/** A request that names nothing that exists, with every member that a path needs. */
function harmless(name: RouteName): Record<string, unknown> {
  const { path } = MLFLOW_ROUTES[name];
  const members = [...path.matchAll(/\{([^}]+)\}/g)].map((parts) => parts[1] ?? '');
  return members[0]?.includes('.')
    ? { assessment: { trace_id: 'none' } }
    : Object.fromEntries(members.map((member) => [member, 'none']));
}

describe('the generated routes on a real MLflow', () => {
  it.each(Object.keys(MLFLOW_ROUTES) as RouteName[])('%s is a route that MLflow serves', async (name) => {
    const mlflow = new MlflowClient({ ...real.options, retry: { maxRetries: 0 } });
    const error = await mlflow
      .call(name, harmless(name) as never)
      .catch((reason: unknown) => reason as HokusaiError);
    // MLflow judged the request itself: an unknown route or method is ENDPOINT_NOT_FOUND, a 404 or a 405 without a code.
    const refusal = error instanceof HokusaiError ? error : undefined;
    expect(refusal?.errorCode).not.toBe('ENDPOINT_NOT_FOUND');
    if (refusal && [404, 405].includes(refusal.status ?? 0)) expect(refusal.errorCode).toBeDefined();
    expect([refusal?.name, refusal?.message]).not.toContain('UnexpectedResponseError');
  });

  it('an unknown route is told from a missing thing', async () => {
    const mlflow = real.hokusai.mlflow;
    await expect(mlflow.request('GET', '/api/2.0/mlflow/nothing/here')).rejects.toBeInstanceOf(HokusaiError);
    await expect(mlflow.api.getRun({ run_id: 'f'.repeat(32) })).rejects.toBeInstanceOf(NotFoundError);
  });

  it('any other route is reached by request, and the version is told', async () => {
    const { url } = await sharedMlflow();
    const version = await (await fetch(`${url}/version`)).text();
    expect(await real.hokusai.mlflow.version()).toBe(version);
    const found = await real.hokusai.mlflow.request<{ experiments: unknown[] }>(
      'POST',
      '/api/2.0/mlflow/experiments/search',
      {
        max_results: 1,
      },
    );
    expect(found.experiments).toHaveLength(1);
  });

  it('logged models work through the typed routes', async () => {
    const { api } = real.hokusai.mlflow;
    const { model } = await api.createLoggedModel({
      experiment_id: '0',
      name: 'typed',
      tags: [{ key: 'a', value: 'b' }],
    });
    const model_id = model?.info?.model_id ?? '';
    await api.finalizeLoggedModel({ model_id, status: 'LOGGED_MODEL_READY' });
    expect((await api.getLoggedModel({ model_id })).model?.info?.status).toBe('LOGGED_MODEL_READY');
    const { version, modelId } = await real.hokusai.registry.register({
      name: `typed-${model_id}`,
      source: `models:/${model_id}`,
    });
    expect([version, modelId]).toEqual(['1', model_id]);
    const lineage = await real.hokusai.registry.versions.lineage(`typed-${model_id}`, '1');
    expect(lineage.loggedModel?.info?.name).toBe('typed');
    expect(lineage.experiment?.experimentId).toBe('0');
  });
});
