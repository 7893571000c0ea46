import { hasProgram } from '../../../bench/lib/programs.js';
import { eventually } from '../../support/lib/eventually.js';
import { startKeyDatabases } from '../../support/servers/key-databases.js';
import { startBalancedSystem, TOLD_DRAIN_DELAY_SECONDS, type BalancedSystem } from './balanced-system.js';
import { whileKeysAreNew, type FirstUses } from './first-uses.js';
import type { LoadReport } from './load-step.js';

const hasBalancer = await hasProgram('haproxy');
if (!hasBalancer && process.env['CI']) throw new Error('CI needs haproxy');
(hasBalancer ? describe : describe.skip)('while the key service is restarted', () => {
  /** Restarts every replica of it under load. */
  async function roll(
    { keyServices, url, createKeys, underLoad, drain }: BalancedSystem,
    signal: NodeJS.Signals,
  ): Promise<{ cached: LoadReport; firstUses: FirstUses }> {
    const [cachedKeys, freshKeys] = [await createKeys(2), await createKeys(120)];
    // Known to both gateways before anything happens.
    for (let n = 0; n < 8; n++)
      await eventually(async () => {
        const answer = await fetch(`${url}/api/mlflow/api/2.0/mlflow/experiments/search`, {
          headers: { authorization: `Bearer ${cachedKeys[n % 2]}` },
        });
        return answer.ok;
      });
    const [cached, firstUses] = await whileKeysAreNew(url, freshKeys, () =>
      underLoad(cachedKeys, async () => {
        for (const replica of keyServices) {
          if (keyServices.length > 1 && signal === 'SIGTERM') await drain(replica);
          await replica.end(signal);
          await replica.start();
        }
      }),
    );
    return { cached, firstUses };
  }

  describe('one replica', () => {
    let system: BalancedSystem;
    beforeAll(async () => {
      system = await startBalancedSystem({ drainDelaySeconds: TOLD_DRAIN_DELAY_SECONDS });
    }, 120_000);
    afterAll(() => system?.close());

    it('known keys lose nothing, keys that are new get 503 until it is back', async () => {
      const { cached, firstUses } = await roll(system, 'SIGTERM');
      expect(cached.lost).toEqual([]);
      expect(firstUses.sent).toBeGreaterThan(8);
      expect(new Set([...firstUses.lost, 503])).toEqual(new Set([503]));
      expect(firstUses.lost.length).toBeLessThan(firstUses.sent);
    }, 120_000);

    it('killed: known keys lose nothing', async () => {
      const { cached, firstUses } = await roll(system, 'SIGKILL');
      expect(cached.lost).toEqual([]);
      expect(new Set([...firstUses.lost, 503])).toEqual(new Set([503]));
    }, 120_000);
  });

  describe('two replicas on PostgreSQL', () => {
    let system: BalancedSystem | undefined;
    let databases: Awaited<ReturnType<typeof startKeyDatabases>> | undefined;
    afterAll(async () => {
      await system?.close();
      await databases?.close();
    });

    it('one after the other: neither known nor new keys lose anything', async () => {
      databases = await startKeyDatabases('postgres');
      system = await startBalancedSystem({
        keyServices: { count: 2, databaseUrl: await databases.next() },
        drainDelaySeconds: TOLD_DRAIN_DELAY_SECONDS,
      });
      const { cached, firstUses } = await roll(system, 'SIGTERM');
      expect(cached.lost).toEqual([]);
      expect(firstUses).toEqual({ sent: expect.any(Number), lost: [] });
    }, 120_000);
  });
});
