import assert from 'node:assert/strict';
import { join } from 'node:path';
import { runProgram } from '../../../test/support/child-program.ts';
import { containers, inspect, statusOf } from '../system.ts';
import type { Check } from './check.ts';

export const START_CHECKS: readonly Check[] = [
  {
    title: 'secrets, then "up --wait": all parts are healthy and a request without a key is refused',
    async run(system) {
      const script = join(import.meta.dirname, '../../../docker/make-secrets.mjs');
      await runProgram(process.execPath, [script, join(system.folder, 'checkout/docker')]);
      system.use({ profiles: ['monitoring'] });
      await system.compose(['up', '--detach', '--wait', '--no-build'], { timeoutMs: 240_000 });
      const services = await containers(system);
      assert.deepEqual([...services.keys()].sort(), [
        'database',
        'gateway',
        'key-service',
        'mlflow',
        'prometheus',
        'redis',
      ]);
      for (const [name, id] of services) {
        const { State } = await inspect<{ State: { Status: string; Health?: { Status: string } } }>(
          system,
          id,
        );
        assert.equal(
          State.Health?.Status ?? State.Status,
          name === 'prometheus' ? 'running' : 'healthy',
          name,
        );
      }
      assert.equal(await statusOf(`${system.gatewayUrl}/mlflow`), 401);
    },
  },
];
