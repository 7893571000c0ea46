import { fileURLToPath } from 'node:url';
import { hasProgram } from '../../../bench/lib/programs.js';
import { startProgram } from '../../support/programs/child-program.js';
import {
  DRAIN_DELAY_SECONDS,
  startBalancedSystem,
  type BalancedSystem,
  type Replica,
} from './balanced-system.js';

const SCRIPT = fileURLToPath(new URL('../../../deploy/verify/run.ts', import.meta.url));
const LIGHT = [
  ...['--rate', '20', '--upload-megabytes', '0.1', '--upload-seconds', '1'],
  ...['--lead-seconds', '1', '--settle-seconds', '2'],
];

async function verify(args: readonly string[], apiKey?: string): Promise<{ code: unknown; output: string }> {
  const program = startProgram(process.execPath, [SCRIPT, ...args], {
    env: apiKey === undefined ? {} : { HOKUSAI_API_KEY: apiKey },
  });
  return { code: await program.exited, output: program.output() };
}

describe('npm run verify:deployment, called wrongly', () => {
  it.each([
    [[], '--url must be'],
    [['--url', 'registry.example'], '--url must be'],
    [['--url', 'https://registry.example/api/mlflow'], '--url must be'],
    [['--url', 'https://registry.example', '--rate', '100000'], '--rate must be a number from 0 to 1000'],
    [['--url', 'https://registry.example', '--nonsense'], '--nonsense'],
    [['--url', 'https://registry.example'], 'HOKUSAI_API_KEY is not set'],
  ])('%j: says what is wrong and how it is called, with exit code 2', async (args, words) => {
    const { code, output } = await verify(args);
    expect(code).toBe(2);
    expect(output).toContain(words);
    expect(output).toContain('Usage: ');
  });

  it('an address that nobody serves is a failure, not a wait', async () => {
    const { code, output } = await verify(['--url', 'http://127.0.0.1:9'], 'hk_live_x');
    expect([code, output]).toEqual([1, expect.stringContaining('✗ /health answers 200 without a key')]);
  });
});

const hasBalancer = await hasProgram('haproxy');
if (!hasBalancer && process.env['CI']) throw new Error('CI needs haproxy');
(hasBalancer ? describe : describe.skip)('npm run verify:deployment', () => {
  let system: BalancedSystem;
  let apiKey: string;
  beforeAll(async () => {
    system = await startBalancedSystem();
    apiKey = (await system.createKeys(1))[0] ?? '';
  }, 120_000);
  afterAll(() => system?.close());

  it('finds what must not be reachable from outside, and names it', async () => {
    const [gateway] = system.gateways as [Replica];
    await gateway.end('SIGKILL');
    // Metrics without a token are for everybody who reaches the gateway.
    await gateway.start({ METRICS_TOKEN: '' });
    const { code, output } = await verify(['--url', gateway.url, '--seconds', '1', ...LIGHT], apiKey);
    expect(output).toContain(
      '✗ /metrics, /internal and /health/detailed cannot be reached from outside: /metrics',
    );
    expect(code).toBe(1);
  });

  it('a stop that the balancer rides out loses nothing: exit code 0, and the key in no line', async () => {
    const drain = `kill -TERM ${system.gateways[0]?.pid}; sleep ${DRAIN_DELAY_SECONDS + 1}`;
    const args = ['--url', system.url, '--drain-command', drain, '--seconds', '60', ...LIGHT];
    const { code, output } = await verify(args, apiKey);
    expect(output).toMatch(/^0 of \d{3,} requests lost/m);
    expect(code).toBe(0);
    expect(output).not.toContain(apiKey);
    await system.gateways[0]?.end('SIGKILL');
    await system.gateways[0]?.start();
  }, 120_000);

  it('a drain command that fails is a failure, also where nothing is lost', async () => {
    const args = ['--url', system.url, '--drain-command', 'exit 3', '--seconds', '5', ...LIGHT];
    const { code, output } = await verify(args, apiKey);
    expect([code, output]).toEqual([1, expect.stringContaining('the drain command ended with 3')]);
  }, 120_000);

  it('a replica that is killed loses some: they are named, with exit code 1', async () => {
    const drain = `kill -KILL ${system.gateways[1]?.pid}; sleep 1`;
    const args = ['--url', system.url, '--drain-command', drain, '--seconds', '60', ...LIGHT];
    const { code, output } = await verify(args, apiKey);
    expect(output).toMatch(/^ +\d+\.\d s: (search|upload): /m);
    // Nothing is lost in the second of --lead-seconds before the command.
    expect(output).not.toMatch(/^ +0\.\d s: /m);
    expect(code).toBe(1);
  }, 120_000);
});
