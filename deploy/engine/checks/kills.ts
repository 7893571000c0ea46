import assert from 'node:assert/strict';
import { eventually } from '../../../test/support/lib/eventually.ts';
import { containers, inspect, statusOf, type System } from '../system.ts';
import type { Check } from './check.ts';
import { keysAndRunsAreKept } from './clients.ts';

interface Running {
  RestartCount: number;
  State: { Pid: number; Status: string; Health?: { Status: string } };
}

/** Ends the first process of a container, as the kernel does for want of memory, and waits until it is back. */
async function killAndWait(system: System, id: string): Promise<void> {
  const before = await inspect<Running>(system, id);
  process.kill(before.State.Pid, 'SIGKILL');
  await eventually(
    async () => {
      const { RestartCount, State } = await inspect<Running>(system, id);
      return (
        RestartCount > before.RestartCount &&
        State.Status === 'running' &&
        State.Health?.Status !== 'starting'
      );
    },
    { what: 'the restart', timeoutMs: 180_000, intervalMs: 250 },
  );
}

const KILLED = ['gateway', 'key-service', 'database', 'redis', 'mlflow', 'prometheus'];

export const KILL_CHECKS: readonly Check[] = KILLED.map((name) => ({
  title: `${name} killed: it is back by itself, with every key and run`,
  async run(system) {
    await killAndWait(system, (await containers(system)).get(name) ?? '');
    await eventually(
      async () =>
        (await statusOf(
          `${system.gatewayUrl}/api/mlflow/api/2.0/mlflow/experiments/search?max_results=1`,
          system.apiKey,
        )) === 200,
      { what: 'a good answer', timeoutMs: 60_000, intervalMs: 250 },
    );
    await keysAndRunsAreKept(system);
    await eventually(async () => (await statusOf(`${system.keyServiceUrl}/health/ready`)) === 200, {
      what: 'the key service',
      timeoutMs: 60_000,
      intervalMs: 250,
    });
    assert.match(await system.hokusai(['auth', 'list-keys', '--json']), /my laptop/);
  },
}));
