/** A small world in a real MLflow, made past every gateway: what a key is granted (A), what it is not (B), and a model (C). */
export interface MlflowWorld {
  /** Experiments. */
  readonly A: string;
  readonly B: string;
  /** Holds the files of the model. */
  readonly C: string;
  readonly rA: string;
  readonly rB: string;
  readonly rC: string;
  /** Registered models: one version each, of the runs in C and in B. */
  readonly mA: string;
  readonly mB: string;
  /** Logged models, in C, which `mA` has as its second version, and in B; undefined before MLflow 3. */
  readonly lC: string | undefined;
  readonly lB: string | undefined;
  /** Trace in B; undefined where this MLflow has none by that call. */
  readonly tB: string | undefined;
  /** Sends JSON, and gives the answer; undefined for a call that this MLflow does not have. */
  call(method: string, path: string, body?: object): Promise<Record<string, unknown> | undefined>;
  /** Puts a file into the artifact store. */
  put(path: string, text?: string): Promise<void>;
}

const V2 = '/api/2.0/mlflow';

/** @param url of MLflow itself */
export async function makeMlflowWorld(url: string): Promise<MlflowWorld> {
  const name = `team-a-${process.pid}-${Date.now()}`;
  const call: MlflowWorld['call'] = async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (response.status === 404 || response.status === 405) return undefined;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return JSON.parse(text || '{}') as Record<string, unknown>;
  };
  const put: MlflowWorld['put'] = async (path, text = `file ${path}`) => {
    const response = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/${path}`, {
      method: 'PUT',
      body: text,
    });
    if (!response.ok) throw new Error(`PUT ${path}: ${response.status}`);
  };
  const experiment = async (suffix: string): Promise<string> =>
    String(
      (await call('POST', `${V2}/experiments/create`, { name: `${name}-${suffix}` }))?.['experiment_id'],
    );
  const [A, B, C] = [await experiment('a'), await experiment('b'), await experiment('c')];
  const run = async (id: string): Promise<string> => {
    const made = await call('POST', `${V2}/runs/create`, { experiment_id: id, start_time: 1 });
    return (made?.['run'] as { info: { run_id: string } }).info.run_id;
  };
  const [rA, rB, rC] = [await run(A), await run(B), await run(C)];
  for (const [id, of] of [
    [A, rA],
    [B, rB],
    [C, rC],
  ] as const) {
    await put(`${id}/${of}/artifacts/x.txt`);
    await put(`${id}/${of}/artifacts/model/MLmodel`);
  }
  const logged = async (id: string): Promise<string | undefined> => {
    const made = await call('POST', `${V2}/logged-models`, { experiment_id: id, name: 'm' });
    const model = (made?.['model'] as { info: { model_id: string } } | undefined)?.info.model_id;
    if (model !== undefined) await put(`${id}/models/${model}/artifacts/MLmodel`);
    return model;
  };
  const [lC, lB] = [await logged(C), await logged(B)];
  const registered = async (suffix: string, id: string, of: string): Promise<string> => {
    const model = `${name}-${suffix}`;
    await call('POST', `${V2}/registered-models/create`, { name: model });
    await call('POST', `${V2}/model-versions/create`, {
      name: model,
      source: `mlflow-artifacts:/${id}/${of}/artifacts/model`,
      run_id: of,
    });
    return model;
  };
  const [mA, mB] = [await registered('m', C, rC), await registered('foreign', B, rB)];
  if (lC !== undefined)
    await call('POST', `${V2}/model-versions/create`, { name: mA, source: `models:/${lC}`, model_id: lC });
  return { A, B, C, rA, rB, rC, mA, mB, lC, lB, tB: await traceIn(B, call), call, put };
}

async function traceIn(experiment: string, call: MlflowWorld['call']): Promise<string | undefined> {
  const id = `tr-${Date.now().toString(16)}${process.pid.toString(16)}`.padEnd(35, '0');
  const location = { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experiment } };
  const info = { trace_id: id, trace_location: location, request_time: '2026-01-01T00:00:00Z', state: 'OK' };
  const v3 = await call('POST', '/api/3.0/mlflow/traces', { trace: { trace_info: info } }).catch(
    () => undefined,
  );
  if (v3 !== undefined) return id;
  const v2 = await call('POST', `${V2}/traces`, { experiment_id: experiment, timestamp_ms: 1 });
  return (v2?.['trace_info'] as { request_id?: string } | undefined)?.request_id;
}
