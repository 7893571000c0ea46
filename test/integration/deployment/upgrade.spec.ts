import { join } from 'node:path';
import { hasProgram } from '../../../bench/lib/programs.js';
import { runProgram } from '../../support/programs/child-program.js';
import { startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { packedPrograms } from '../../support/programs/packed-programs.js';
import { buildOf, nextBuild, previousVersion, type OtherBuild } from '../../support/programs/other-builds.js';
import {
  startBalancedSystem,
  TOLD_DRAIN_DELAY_SECONDS,
  type BalancedSystem,
  type Replica,
} from './balanced-system.js';
import { whileKeysAreNew, type FirstUses } from './first-uses.js';
import type { LoadReport } from './load-step.js';

const SEARCH = '/api/mlflow/api/2.0/mlflow/experiments/search';

const previous = await previousVersion();
const hasBalancer = await hasProgram('haproxy');
if (!hasBalancer && process.env['CI']) throw new Error('CI needs haproxy');
(hasBalancer ? describe : describe.skip)('docs/upgrade.md, two key services and two gateways', () => {
  let databases: KeyDatabases;
  let thisDist: string;
  let databaseUrl: string;
  let system: BalancedSystem | undefined;
  let other: OtherBuild | undefined;

  beforeAll(async () => {
    [databases, thisDist] = await Promise.all([startKeyDatabases('postgres'), packedPrograms()]);
  });
  beforeEach(async () => {
    databaseUrl = await databases.next();
  });
  afterEach(async () => {
    await system?.close();
    await other?.remove();
    system = other = undefined;
  });
  afterAll(() => databases?.close());

  const migrate = (dist: string): Promise<string> =>
    runProgram(process.execPath, [join(dist, 'key-service/main.js'), 'migrate'], {
      env: { DATABASE_URL: databaseUrl },
    });

  async function replace(replicas: readonly Replica[], dist: string, running: BalancedSystem): Promise<void> {
    for (const replica of replicas) {
      await running.drain(replica);
      await replica.end('SIGTERM');
      await replica.start({}, dist);
    }
  }

  const statusOf = async (url: string, key = ''): Promise<number> =>
    (await fetch(`${url}${SEARCH}`, { headers: { authorization: `Bearer ${key}` } })).status;

  /**
   * From `older` to `newer` and back, each replica after the other, with keys made by both.
   *
   * @param options.gateways whether gateways differ, too
   */
  async function thereAndBack(
    older: string,
    newer: string,
    options: { gateways: boolean },
  ): Promise<{ migrated: string; load: LoadReport; firstUses: FirstUses; statuses: number[] }> {
    await migrate(older);
    system = await startBalancedSystem({
      keyServices: { count: 2, databaseUrl },
      drainDelaySeconds: TOLD_DRAIN_DELAY_SECONDS,
      dist: older,
    });
    const running = system;
    const { keyServices, url, createKeys } = running;
    const gateways = options.gateways ? running.gateways : [];
    const [known, fresh] = [await createKeys(2), await createKeys(400)];
    for (let n = 0; n < 8; n++) await statusOf(url, known[n % 2]);
    let migrated = '';
    const statuses: number[] = [];
    const step = async (): Promise<void> => {
      migrated = await migrate(newer);
      // Old replicas on the new schema, then both side by side.
      const [madeByOld] = await createKeys(1);
      await replace(keyServices, newer, running);
      const [madeByNew] = await createKeys(1);
      statuses.push(await statusOf(url, madeByOld), await statusOf(url, madeByNew));
      await replace(gateways, newer, running);
      // The way back.
      await replace(gateways, older, running);
      await replace(keyServices, older, running);
      statuses.push(await statusOf(url, madeByNew), await statusOf(url, (await createKeys(1))[0]));
    };
    const [load, firstUses] = await whileKeysAreNew(url, fresh, () => running.underLoad(known, step));
    return { migrated, load, firstUses, statuses };
  }

  const nothingLost = { lost: [] };

  it('the next version, whose schema has more, and back to this one: no request is lost, and both read all keys', async () => {
    other = await nextBuild();
    const { migrated, load, firstUses, statuses } = await thereAndBack(thisDist, other.dist, {
      gateways: false,
    });
    expect(migrated).toBe('migrations run:\n  9999-next\n');
    expect([load, firstUses]).toMatchObject([nothingLost, nothingLost]);
    expect(statuses).toEqual([200, 200, 200, 200]);
  }, 300_000);

  (previous === undefined ? it.skip : it)(
    'this version and back to the one before it: no request is lost, and both read all keys',
    async () => {
      other = await buildOf(previous ?? '');
      const { load, firstUses, statuses } = await thereAndBack(other.dist, thisDist, { gateways: true });
      expect([load, firstUses]).toMatchObject([nothingLost, nothingLost]);
      expect(statuses).toEqual([200, 200, 200, 200]);
    },
    300_000,
  );
});
