import assert from 'node:assert/strict';
import { eventually } from '../../../test/support/lib/eventually.ts';
import { statusOf } from '../system.ts';
import type { Check } from './check.ts';

const PROMETHEUS = 'http://127.0.0.1:9090';

interface Targets {
  data: { activeTargets: { labels: { job: string }; health: string; lastError: string }[] };
}

interface Rules {
  data: { groups: { rules: object[] }[] };
}

export const MONITORING_CHECKS: readonly Check[] = [
  {
    title:
      'metrics need their token, and the profile "monitoring" scrapes both servers with it and has the alerts',
    async run(system) {
      assert.equal(await statusOf(`${system.gatewayUrl}/metrics`), 401);
      assert.equal(await statusOf(`${system.keyServiceUrl}/metrics`), 401);
      await eventually(
        async () => {
          const answer = await fetch(`${PROMETHEUS}/api/v1/targets`);
          const { data } = (await answer.json()) as Targets;
          const jobs = data.activeTargets
            .filter(({ health }) => health === 'up')
            .map(({ labels }) => labels.job);
          return jobs.includes('mlflow-gateway') && jobs.includes('key-service');
        },
        { what: 'both targets', timeoutMs: 60_000, intervalMs: 500 },
      );
      const rules = (await (await fetch(`${PROMETHEUS}/api/v1/rules?type=alert`)).json()) as Rules;
      assert.ok(rules.data.groups.flatMap((group) => group.rules).length > 10);
    },
  },
];
