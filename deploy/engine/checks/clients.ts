import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runPython } from '../../../test/support/programs/python-client.ts';
import { statusOf, type System } from '../system.ts';
import { GUIDE, runGuide } from '../guide.ts';
import type { Check } from './check.ts';

const LOG_A_RUN = `
import json, mlflow
mlflow.set_experiment('engine')
with mlflow.start_run() as run:
    mlflow.log_param('alpha', 0.5)
    mlflow.log_metric('loss', 0.25)
    mlflow.log_text('an artifact', 'note.txt')
print(json.dumps(run.info.run_id))
`;

const readRun = (runId: string): string => `
import json, mlflow
run = mlflow.get_run('${runId}')
print(json.dumps([run.data.params['alpha'], run.data.metrics['loss'], mlflow.artifacts.load_text('runs:/${runId}/note.txt')]))
`;

/** @throws unless keys made at the start are good, and the run logged then is whole */
export async function keysAndRunsAreKept(system: System): Promise<void> {
  const options = { url: system.gatewayUrl, token: system.apiKey, env: system.clientEnv };
  const result = await runPython(readRun(system.runId), options);
  assert.equal(result.code, 0, result.output);
  assert.deepEqual(result.json(), ['0.5', 0.25, 'an artifact']);
}

export const CLIENT_CHECKS: readonly Check[] = [
  {
    title: 'those of the guide make a key, and "hokusai verify" with it finds nothing wrong',
    async run(system) {
      assert.match(await runGuide(system, GUIDE.firstKey), /all is well|0 failed|passed/i);
      system.apiKey = readFileSync(join(system.folder, 'checkout/my-key'), 'utf8').trim();
    },
  },
  {
    title: 'an unmodified MLflow client logs a run with an artifact and reads it back',
    async run(system) {
      const result = await runPython(LOG_A_RUN, { url: system.gatewayUrl, token: system.apiKey });
      assert.equal(result.code, 0, result.output);
      system.runId = result.json<string>();
      await keysAndRunsAreKept(system);
    },
  },
  {
    title: 'a revoked key is refused within a second, also by the replica that has it in memory',
    async run(system) {
      const made = JSON.parse(
        await system.hokusai(['auth', 'create-key', '--name', 'short-lived', '--json']),
      ) as { api_key: string; key_id: string };
      const url = `${system.gatewayUrl}/api/mlflow/api/2.0/mlflow/experiments/search?max_results=1`;
      assert.equal(await statusOf(url, made.api_key), 200);
      await system.hokusai(['auth', 'revoke-key', made.key_id, '--yes']);
      const deadline = performance.now() + 1000;
      while ((await statusOf(url, made.api_key)) !== 401) assert.ok(performance.now() < deadline);
    },
  },
];
