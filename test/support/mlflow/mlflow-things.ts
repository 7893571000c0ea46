import type { GrantSystem } from '../systems/grant-system.js';
import { otlpBody } from './otlp-body.js';

const V2 = '/api/2.0/mlflow';
const V3 = '/api/3.0/mlflow';

/** Makes things in an MLflow, by itself: grants are for what a test does with them. */
export class MlflowThings {
  private count = 0;
  private readonly prefix = `t${process.pid}-${Date.now()}`;

  constructor(private readonly system: GrantSystem) {}

  /** A name that nothing else has. */
  name(kind: string): string {
    this.count += 1;
    return `${this.prefix}-${kind}-${this.count}`;
  }

  async call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const reply = await this.system.askMlflow({ method, path, body });
    if (reply.status !== 200) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
    return reply.body;
  }

  async experiment(name = this.name('experiment')): Promise<string> {
    const { experiment_id: id } = await this.call('POST', `${V2}/experiments/create`, { name });
    return String(id);
  }

  async run(experiment: string): Promise<string> {
    const body = await this.call('POST', `${V2}/runs/create`, { experiment_id: experiment });
    return (body['run'] as { info: { run_id: string } }).info.run_id;
  }

  /** A registered model, or a prompt, with one version. */
  async model(name: string, run: string, isPrompt = false): Promise<string> {
    const tags = isPrompt ? [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] : [];
    await this.call('POST', `${V2}/registered-models/create`, { name, tags });
    await this.call('POST', `${V2}/model-versions/create`, {
      name,
      source: isPrompt ? 'dummy-source' : `runs:/${run}/model`,
      ...(!isPrompt && { run_id: run }),
      tags: isPrompt ? [...tags, { key: 'mlflow.prompt.text', value: 'Hello' }] : [],
    });
    return name;
  }

  async loggedModel(experiment: string): Promise<string> {
    const body = await this.call('POST', `${V2}/logged-models`, {
      experiment_id: experiment,
      name: 'm',
    });
    return (body['model'] as { info: { model_id: string } }).info.model_id;
  }

  /** @returns its id in MLflow's form */
  async trace(experiment: string, hex = randomHex(32)): Promise<string> {
    const trace_id = `tr-${hex}`;
    const trace_info = {
      trace_id,
      trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experiment } },
      request_time: new Date().toISOString(),
      execution_duration: '0.1s',
      state: 'OK',
      trace_metadata: { 'mlflow.trace_schema.version': '3' },
    };
    await this.call('POST', `${V3}/traces`, { trace: { trace_info } });
    return trace_id;
  }

  /** A trace with a span, which OpenTelemetry writes. @returns its id in MLflow's form */
  async span(experiment: string, traceId = randomHex(32)): Promise<string> {
    const reply = await this.system.askMlflow({
      method: 'POST',
      path: '/v1/traces',
      body: otlpBody({ traceId }),
      headers: { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': experiment },
    });
    if (reply.status !== 200) throw new Error(`spans: ${reply.status} ${reply.text}`);
    return `tr-${traceId}`;
  }

  async dataset(experiment: string): Promise<string> {
    const body = await this.call('POST', `${V3}/datasets/create`, {
      name: this.name('dataset'),
      experiment_ids: [experiment],
    });
    return (body['dataset'] as { dataset_id: string }).dataset_id;
  }
}

export function randomHex(digits: number): string {
  return Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('');
}
