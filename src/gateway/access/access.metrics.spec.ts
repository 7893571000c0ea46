import { Registry } from 'prom-client';
import { LogCapture } from '../../../test/support/lib/log-capture.js';
import { JsonLogger } from '../../platform/logging/logger.js';
import { AccessMetrics } from './access.metrics.js';

let registry: Registry;
let logs: LogCapture;
let metrics: AccessMetrics;

beforeEach(() => {
  registry = new Registry();
  logs = new LogCapture();
  metrics = new AccessMetrics(registry, new JsonLogger('info', logs));
});

describe('a call of MLflow that the gateway does not know', () => {
  it('is counted each time, and logged once', async () => {
    metrics.unknownRoute('refused', 'POST /api/2.0/mlflow/new');
    metrics.unknownRoute('forwarded', 'POST /api/2.0/mlflow/new');
    metrics.unknownRoute('forwarded', 'GET /api/2.0/mlflow/other');
    expect(await registry.metrics()).toContain('access_unknown_routes_total{outcome="forwarded"} 2');
    expect(logs.of('unknown_mlflow_route')).toMatchObject([
      { endpoint: 'POST /api/2.0/mlflow/new', outcome: 'refused' },
      { endpoint: 'GET /api/2.0/mlflow/other', outcome: 'forwarded' },
    ]);
  });

  it('is logged once if it cannot be decided', () => {
    for (const name of ['one', 'two', 'one']) metrics.undecidedCall(name);
    expect(logs.of('undecided_mlflow_call').map(({ endpoint }) => endpoint)).toEqual(['one', 'two']);
  });

  it('is logged for the first 200 names only, so that a client cannot fill memory', () => {
    for (let n = 0; n < 300; n++) {
      metrics.unknownRoute('forwarded', `route ${n}`);
      metrics.undecidedCall(`call ${n}`);
    }
    expect(logs.lines).toHaveLength(200);
  });
});

describe('a request of a key with grants that is not let through', () => {
  it('counts as refused, and with its reason, where its problem is a refusal', async () => {
    metrics.notGranted('resource-forbidden');
    expect(await registry.metrics()).toContain('access_grants_total{outcome="refused"} 1');
    expect(await registry.metrics()).toContain('access_refusals_total{reason="grants"} 1');
  });

  it('counts as a fault, and as no refusal, where MLflow could not be asked', async () => {
    metrics.notGranted('mlflow-unreachable');
    expect(await registry.metrics()).toContain('access_grants_total{outcome="fault"} 1');
    expect(await registry.metrics()).not.toContain('access_refusals_total{');
  });
});
