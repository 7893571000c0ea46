import { hasProgram } from '../../../bench/lib/programs.js';
import {
  CHECK,
  DRAIN_DELAY_SECONDS,
  startBalancedSystem,
  type BalancedOptions,
  type BalancedSystem,
} from './balanced-system.js';
import { REQUESTS_PER_SECOND, type LoadReport } from './load-step.js';

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
/** A killed replica loses the requests that it is serving: uploads and slow answers of three seconds, and searches. */
const IN_FLIGHT = 2 * (3 * 3) + 10;

const described = ({ sent, lost }: LoadReport): string => `${lost.length} lost of ${JSON.stringify(sent)}`;

const hasBalancer = await hasProgram('haproxy');
if (!hasBalancer && process.env['CI']) throw new Error('CI needs haproxy');
(hasBalancer ? describe : describe.skip)('two gateways behind a balancer that repeats nothing', () => {
  let system: BalancedSystem | undefined;
  let keys: string[] = [];

  async function start(options: BalancedOptions = {}): Promise<BalancedSystem> {
    system = await startBalancedSystem(options);
    keys = await system.createKeys(4);
    return system;
  }
  afterEach(async () => {
    await system?.close();
    system = undefined;
  });

  it('a rolling restart in the order of ECS, out of the balancer first, loses nothing', async () => {
    const { gateways, drain, underLoad } = await start();
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
    const { gateways, underLoad } = await start();
    const report = await underLoad(keys, async () => {
      for (const gateway of gateways) {
        await gateway.end('SIGTERM');
        await gateway.start();
      }
    });
    expect(report.lost).toEqual([]);
  }, 120_000);

  it('without a drain delay the same stop loses requests, and the load sees it', async () => {
    const { gateways, underLoad } = await start({ drainDelaySeconds: 0 });
    const report = await underLoad(keys, async () => {
      await gateways[0]?.end('SIGTERM');
      await sleep(CHECK.intervalSeconds * CHECK.unhealthy);
    });
    expect(report.lost.length).toBeGreaterThan(0);
    expect(report.lost[0]?.what).toBe('503');
  }, 120_000);

  it('a replica that dies costs what was in its hands, and half of the rest until the checks have noticed', async () => {
    const { gateways, underLoad } = await start();
    const report = await underLoad(keys, async () => {
      await gateways[0]?.end('SIGKILL');
      await sleep(DRAIN_DELAY_SECONDS + 2);
    });
    // Until the second failed check half of what comes goes to it; one second for a machine that is late.
    const noticedAfter = DRAIN_DELAY_SECONDS + 1;
    const most = (noticedAfter * (REQUESTS_PER_SECOND + 3)) / 2 + IN_FLIGHT;
    expect(report.lost.length).toBeLessThanOrEqual(most);
    expect(report.lost.length).toBeGreaterThan(0);
    const last = report.lost.filter(({ what }) => what === '503').at(-1)?.afterMs ?? 0;
    expect([described(report), last < 1500 + noticedAfter * 1000]).toEqual([described(report), true]);
  }, 120_000);

  it('a replica that dies and is taken out at once, as ECS does, costs less', async () => {
    const { gateways, underLoad, takeOut } = await start();
    const report = await underLoad(keys, async () => {
      const [first] = gateways;
      if (!first) throw new Error('no gateway');
      await first.end('SIGKILL');
      await sleep(0.5);
      await takeOut(first);
      await sleep(DRAIN_DELAY_SECONDS);
    });
    const most = (1.5 * (REQUESTS_PER_SECOND + 3)) / 2 + IN_FLIGHT;
    expect(report.lost.length).toBeLessThanOrEqual(most);
  }, 120_000);
});
