import { join } from 'node:path';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { hasProgram } from '../../../bench/lib/programs.js';
import { startProgram } from '../../support/programs/child-program.js';
import { blocksOf, ROOT } from '../../support/docs/docs-blocks.js';
import { freePort } from '../../support/programs/free-port.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import {
  startTestKeyService,
  TEST_ADMIN_TOKEN,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { startRedisServer, type RedisServer } from '../../support/servers/redis-server.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

const PAGE = 'docs/runbooks.md';
const commands = new Set(blocksOf(PAGE).map(({ code }) => code.trim()));
const GATEWAY_ADMIN = 'gateway-admin-token-of-the-drills';

const programs = await Promise.all(['curl', 'redis-cli'].map(hasProgram));
const hasTools = programs.every(Boolean);
if (!hasTools && process.env['CI']) throw new Error('CI needs curl and redis-cli');

/** Commands of the page that were run by a drill below. */
const drilled = new Set<string>();

(hasTools ? describe : describe.skip)(`the commands of ${PAGE} show what they are for`, () => {
  let dir: TempDir;
  let mlflow: Server;
  let redis: RedisServer;
  let keyService: TestKeyService;
  let gateway: TestGateway;

  beforeAll(async () => {
    dir = await tempDir('drills');
    mlflow = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', 'application/json').end('{"experiments":[]}');
    }).listen(0, '127.0.0.1');
    await once(mlflow, 'listening');
    redis = await startRedisServer();
    const port = await freePort();
    keyService = await startTestKeyService({
      DATABASE_URL: `sqlite:///${join(dir.path, 'keys.sqlite')}`,
      GATEWAY_ADMIN_TOKEN: GATEWAY_ADMIN,
      GATEWAY_INVALIDATE_URLS: `http://127.0.0.1:${port}/internal/keys/invalidate`,
    });
    gateway = await startTestGateway({
      PORT: String(port),
      MLFLOW_SERVER_URL: `http://127.0.0.1:${(mlflow.address() as { port: number }).port}`,
      HOKUSAI_AUTH_SERVICE_URL: keyService.url,
      GATEWAY_ADMIN_TOKEN: GATEWAY_ADMIN,
      CACHE_HMAC_SECRET: 'secret-of-the-drills-secret-of-the-drills',
      REDIS_URL: redis.url,
    });
  }, 60_000);
  afterAll(async () => {
    await gateway?.close();
    await keyService?.close();
    await redis?.close();
    mlflow?.close();
    await dir?.remove();
  });

  /** The one command of the page with this text in it, or at its end, at the addresses of this test. */
  async function run(
    text: string,
    env: Record<string, string> = {},
  ): Promise<{ code: unknown; output: string }> {
    const named = [...commands].filter((one) => one.includes(text));
    const [command = '', more] = named.length > 1 ? named.filter((one) => one.endsWith(text)) : named;
    if (command === '' || more !== undefined) throw new Error(`not one command of ${PAGE}: ${text}`);
    drilled.add(command);
    const script = command
      .replace(/https:\/\/registry\.example|http:\/\/gateway:8001/, gateway.url)
      .replace('http://key-service:8000', keyService.url)
      .replace(/^hokusai /, `${process.execPath} ${join(ROOT, 'scripts/hokusai.mjs')} `);
    const program = startProgram('bash', ['--noprofile', '--norc', '-c', script], {
      env: {
        GATEWAY_ADMIN_TOKEN: GATEWAY_ADMIN,
        REDIS_URL: redis.url,
        HOKUSAI_AUTH_SERVICE_URL: keyService.url,
        HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN,
        ...env,
      },
    });
    return { code: await program.exited, output: program.output() };
  }
  const json = (output: string): Record<string, unknown> => JSON.parse(output) as Record<string, unknown>;

  it('what is well looks well', async () => {
    expect(json((await run('/health/mlflow')).output)['status']).toBe('ok');
    expect(json((await run('/health/detailed')).output)['status']).toBe('ok');
    expect((await run('key-service:8000/health/ready')).output).toBe('200\n');
    expect((await run('gateway:8001/health/ready')).output).toBe('200\n');
    expect((await run(' ping')).output).toBe('PONG\n');
    expect((await run('rotation-deliveries')).code).toBe(0);
    expect((await run('df -h')).code).toBe(0);
  });

  it('the build that runs', async () => {
    expect((await run('build_info')).output).toMatch(/build_info\{.*version="[\d.]+".*commit=/);
  });

  it('who is connected to Redis, and the subscription of each gateway', async () => {
    expect((await run('client list type pubsub')).output).toMatch(/ sub=[1-9]/);
    expect((await run('client list')).output.trim().split('\n').length).toBeGreaterThan(1);
  });

  it('an admin token that gateways do not know, beside one that they do', async () => {
    expect((await run('/internal/keys/invalidate')).output).toBe('415\n');
    const wrong = { GATEWAY_ADMIN_TOKEN: 'another-token-of-the-drills' };
    expect((await run('/internal/keys/invalidate', wrong)).output).toBe('401\n');
  });

  it('Redis that is down', async () => {
    await redis.kill();
    const { code, output } = await run(' ping');
    expect([code === 0 && output === 'PONG\n', output]).toEqual([false, expect.stringContaining('refused')]);
    await redis.start();
  });

  it('MLflow that does not answer', async () => {
    mlflow.close();
    mlflow.closeAllConnections();
    const answer = async (): Promise<unknown> => json((await run('/health/mlflow')).output)['status'];
    // The answer of a moment ago is given again for some seconds.
    const deadline = Date.now() + 30_000;
    while ((await answer()) === 'ok' && Date.now() < deadline)
      await new Promise((done) => setTimeout(done, 500));
    expect(await answer()).not.toBe('ok');
  }, 60_000);

  it('a key service that is down', async () => {
    await keyService.close();
    expect((await run('key-service:8000/health/ready')).output).toBe('000\n');
  });

  it('and no command of the page is left out', () => {
    expect([...commands].filter((one) => !drilled.has(one))).toEqual([]);
  });
});
