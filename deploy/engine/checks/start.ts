import assert from 'node:assert/strict';
import { GUIDE, runGuide } from '../guide.ts';
import { containers, inspect, statusOf } from '../system.ts';
import type { Check } from './check.ts';

export const START_CHECKS: readonly Check[] = [
  {
    title: 'the commands of the guide start it: all parts are healthy and a request without a key is refused',
    async run(system) {
      await runGuide(system, GUIDE.start);
      await runGuide(system, GUIDE.monitoring);
      system.use({ profiles: ['monitoring'] });
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
