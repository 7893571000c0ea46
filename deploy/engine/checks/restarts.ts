import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GUIDE, runGuide } from '../guide.ts';
import { containers, inspect } from '../system.ts';
import type { Check } from './check.ts';
import { keysAndRunsAreKept } from './clients.ts';

export const RESTART_CHECKS: readonly Check[] = [
  {
    title: 'the backup of the guide holds the keys, and no key in the clear',
    async run(system) {
      await runGuide(system, GUIDE.backup);
      const dump = readFileSync(join(system.folder, 'checkout/keys.sql'), 'utf8');
      assert.match(dump, /my laptop/);
      assert.ok(!dump.includes(system.apiKey));
    },
  },
  {
    title: 'a stop ends both servers in order, within their time and with exit code 0',
    async run(system) {
      const services = await containers(system);
      const start = performance.now();
      await system.compose(['stop', 'gateway', 'key-service']);
      assert.ok(performance.now() - start < 30_000, 'above DRAIN_DELAY_SECONDS and what idle servers need');
      for (const name of ['gateway', 'key-service']) {
        const { State } = await inspect<{ State: { ExitCode: number } }>(system, services.get(name) ?? '');
        assert.equal(State.ExitCode, 0, name);
        const log = await system.compose(['logs', '--no-log-prefix', '--tail', '1', name]);
        assert.match(log, /"event":"stopped"/);
      }
    },
  },
  {
    title: '"down" and "up" keep every key and run',
    async run(system) {
      await system.compose(['down', '--timeout', '20']);
      await system.compose(['up', '--detach', '--wait', '--no-build'], { timeoutMs: 240_000 });
      await keysAndRunsAreKept(system);
    },
  },
];
