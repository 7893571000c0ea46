import { hasProgram } from '../../../bench/lib/programs.js';
import {
  CHECK,
  DRAIN_DELAY_SECONDS,
  startBalancedSystem,
  type BalancedSystem,
  type Replica,
} from './balanced-system.js';
import { BEFORE_MS, LONG_REQUEST_SECONDS, REQUESTS_PER_SECOND, type LoadReport } from './load-step.js';

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
/** A killed replica loses the requests that it is serving: uploads and slow answers, three a second, and searches. */
const IN_FLIGHT = 2 * (3 * LONG_REQUEST_SECONDS) + 10;

const described = ({ sent, lost }: LoadReport): string => `${lost.length} lost of ${JSON.stringify(sent)}`;

const hasBalancer = await hasProgram('haproxy');
if (!hasBalancer && process.env['CI']) throw new Error('CI needs haproxy');
(hasBalancer ? describe : describe.skip)('two gateways behind a balancer that repeats nothing', () => {
  let system: BalancedSystem;
  let keys: string[] = [];

  beforeAll(async () => {
    system = await startBalancedSystem();
    keys = await system.createKeys(4);
  }, 120_000);
  afterAll(() => system?.close());

  /** The first of them, which another test may have ended or left with another drain delay. */
  async function restartFirst(drainDelaySeconds = DRAIN_DELAY_SECONDS): Promise<Replica> {
    const [first] = system.gateways as [Replica];
    await first.end('SIGKILL');
    await first.start({ DRAIN_DELAY_SECONDS: String(drainDelaySeconds) });
    return first;
  }

  it('a rolling restart in the order of ECS, out of the balancer first, loses nothing', async () => {
    const { gateways, drain, underLoad } = system;
    const report = await underLoad(keys, async () => {
      for (const gateway of gateways) {
        await drain(gateway);
        await sleep(0.5);
        await gateway.end('SIGTERM');
        await gateway.start();
      }
    });
    expect(report.lost).toEqual([]);
    expect(report.sent.upload).toBeGreaterThan(10);
  }, 120_000);

  it('a stop of which the balancer was not told loses nothing, where the drain delay is long enough', async () => {
    const { gateways, underLoad } = system;
    const report = await underLoad(keys, async () => {
      for (const gateway of gateways) {
        await gateway.end('SIGTERM');
        await gateway.start();
      }
    });
    expect(report.lost).toEqual([]);
  }, 120_000);

  it('without a drain delay the same stop loses requests, and the load sees it', async () => {
    const first = await restartFirst(0);
    const report = await system.underLoad(keys, async () => {
      await first.end('SIGTERM');
      await sleep(CHECK.intervalSeconds * CHECK.unhealthy);
    });
    // Others may be cut while they are answered.
    expect(report.lost.map(({ what }) => what)).toContain('503');
  }, 120_000);

  it('a replica that dies costs what was in its hands, and half of the rest until the checks have noticed', async () => {
    const first = await restartFirst();
    // Until the second failed check half of what comes goes to it; one second for a machine that is late.
    const noticedAfter = DRAIN_DELAY_SECONDS + 1;
    const report = await system.underLoad(keys, async () => {
      await first.end('SIGKILL');
      await sleep(noticedAfter);
    });
    const most = (noticedAfter * (REQUESTS_PER_SECOND + 3)) / 2 + IN_FLIGHT;
    expect(report.lost.length).toBeLessThanOrEqual(most);
    expect(report.lost.length).toBeGreaterThan(0);
    const last = report.lost.filter(({ what }) => what === '503').at(-1)?.afterMs ?? 0;
    expect([described(report), last < BEFORE_MS + noticedAfter * 1000]).toEqual([described(report), true]);
  }, 120_000);

  it('a replica that dies and is taken out at once, as ECS does, costs less', async () => {
    const first = await restartFirst();
    const report = await system.underLoad(keys, async () => {
      await first.end('SIGKILL');
      await sleep(0.5);
      await system.takeOut(first);
      // With what follows, as long as the checks alone would need.
      await sleep(DRAIN_DELAY_SECONDS - 1);
    });
    const most = (1.5 * (REQUESTS_PER_SECOND + 3)) / 2 + IN_FLIGHT;
    expect(report.lost.length).toBeLessThanOrEqual(most);
  }, 120_000);
});
