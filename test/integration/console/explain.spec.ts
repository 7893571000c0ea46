import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KeyResource } from '../../../src/contracts/keys/key-management.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startGrantSystem, type GrantSystem } from '../../support/systems/grant-system.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { makeMlflowWorld, type MlflowWorld } from '../../support/mlflow/mlflow-world.js';
import { ANA, ask, CONSOLE_ENV, post, signIn, type ConsoleReply } from './console-client.js';

const GATEWAY_TOKEN = 'admin-token-of-the-gateway-of-the-tests';
const V2 = '/api/2.0/mlflow';

/** The page without its markup. */
const words = ({ text }: ConsoleReply): string =>
  text
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replace(/\s+/g, ' ');

describe.each(ENGINES)('asking on the page of a key whether a request would pass, on %s', (engine) => {
  let databases: KeyDatabases;
  let system: GrantSystem;
  let world: MlflowWorld;
  let service: TestKeyService;
  let cookie: string;
  const others: TestKeyService[] = [];
  const servers: Server[] = [];

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    const { url } = await sharedMlflow();
    world = await makeMlflowWorld(url);
    system = await startGrantSystem(url, { GATEWAY_ADMIN_TOKEN: GATEWAY_TOKEN });
    service = await start({ GATEWAY_INVALIDATE_URLS: `${system.gateway.url}/internal/keys/invalidate` });
    cookie = await signIn(service.url);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([service, ...others].map((one) => one?.close()));
    for (const server of servers) server.close();
    await system?.close();
    await databases?.close();
  });

  const start = async (env: Record<string, string>): Promise<TestKeyService> =>
    startTestKeyService({
      DATABASE_URL: await databases.next(),
      GATEWAY_ADMIN_TOKEN: GATEWAY_TOKEN,
      ...CONSOLE_ENV,
      ...env,
    });
  const newKey = async (fields: object, on = service): Promise<string> => {
    const body = { name: 'n', service_id: 'ml-platform', ...fields };
    return (await on.call<KeyResource>('POST', '/keys', body, { authorization: `Bearer ${ANA}` })).body
      .key_id;
  };
  const question = (id: string, fields: Record<string, string>): Promise<ConsoleReply> =>
    post(`${service.url}/console/keys/${id}/explain`, fields, { cookie });
  /** On a key service of its own, with a gateway to ask. */
  async function askedOf(gateways: string): Promise<string> {
    const other = await start({ GATEWAY_INVALIDATE_URLS: gateways });
    others.push(other);
    const id = await newKey({}, other);
    const session = { cookie: await signIn(other.url) };
    return words(
      await post(`${other.url}/console/keys/${id}/explain`, { method: 'GET', path: '/x' }, session),
    );
  }

  it('names the scope and the grant that open it, or what is missing', async () => {
    const id = await newKey({
      scopes: ['trace:read', 'experiment:write'],
      grants: { experiments: [{ id: world.A, level: 'write' }] },
    });
    const passes = words(await question(id, { method: 'GET', path: `${V2}/runs/get?run_id=${world.rA}` }));
    expect(passes).toMatch(/It passes at 127\.0\.0\.1:\d+\. MLflow gets it unchanged\./);
    expect(passes).toContain('experiment:read is needed, and the key has it by experiment:write');
    expect(passes).toContain(
      `To read the run ${world.rA} (query run_id), of experiment ${world.A}: opened by experiment ${world.A}:write`,
    );
    const foreign = words(
      await question(id, {
        method: 'POST',
        path: `${V2}/runs/set-tag`,
        body: `{"run_id":"${world.rB}","key":"k","value":"v"}`,
      }),
    );
    expect(foreign).toContain(`What is missing: a grant to write the experiment ${world.B} .`);
    const scope = words(
      await question(id, { method: 'POST', path: `${V2}/registered-models/create`, body: '{"name":"m"}' }),
    );
    expect(scope).toMatch(
      /It is refused with 403 at .*What is missing: the scope model:write \. Edit the key/,
    );
    expect(system.forwarded()).toEqual([]);
  });

  it('judges the address where one is given, and takes a whole URL for its path', async () => {
    const id = await newKey({ allowed_ips: ['10.0.0.0/8'] });
    const path = `https://mlflow.example.com/api/mlflow${V2}/runs/get?run_id=${world.rA}`;
    expect(words(await question(id, { method: 'GET', path }))).toContain('It passes');
    expect(words(await question(id, { method: 'GET', path, client_ip: '192.0.2.7' }))).toContain(
      'The key may not be used from 192.0.2.7, only from 10.0.0.0/8.',
    );
  });

  it('keeps what was typed, and says what is wrong with it', async () => {
    const id = await newKey({});
    const sent = { method: 'BREW', path: 'runs/get', body: '<b>{}', client_ip: 'home' };
    const { status, text } = await question(id, sent);
    expect(status).toBe(400);
    for (const name of ['method', 'path', 'client_ip']) expect(text).toContain(`id="${name}-problem"`);
    expect(text).toContain('&lt;b>{}');
    expect(words(await question(id, { method: 'GET', path: '/a/../b' }))).toContain('127.0.0.1');
  });

  it('asks nobody about a key that has ended', async () => {
    const id = await newKey({});
    await service.call('DELETE', `/keys/${id}`, undefined, { authorization: `Bearer ${ANA}` });
    const { text } = await ask(`${service.url}/console/keys/${id}`, { headers: { cookie } });
    expect(text).toContain('No request passes: the key has ended.');
    expect(text).not.toContain('Ask the gateway');
  });

  it('says what to do where no gateway is known, or none answers', async () => {
    expect(await askedOf('')).toContain('set GATEWAY_INVALIDATE_URLS');
    expect(await askedOf('http://127.0.0.1:9/internal/keys/invalidate')).toContain(
      '127.0.0.1:9: There is no answer: it does not answer. Check GATEWAY_INVALIDATE_URLS of the key service',
    );
    const answers = async (status: number): Promise<string> => {
      const server = createServer((_request, response) => response.writeHead(status).end('<p>no JSON'));
      servers.push(server);
      await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
      const { port } = server.address() as AddressInfo;
      return askedOf(`http://127.0.0.1:${port}/internal/keys/invalidate`);
    };
    expect(await answers(401)).toContain('give both the same GATEWAY_ADMIN_TOKEN');
    expect(await answers(404)).toContain('Upgrade it, or set one.');
    expect(await answers(200)).toContain('It answered 200. Its log says why.');
  });

  it('leaves neither the question nor a token in addresses, pages or logs', async () => {
    const id = await newKey({});
    const { text, headers } = await question(id, {
      method: 'POST',
      path: `${V2}/runs/create?a=word-of-a-query`,
      body: '{"tags":"word-of-a-body"}',
    });
    expect([headers.location, text.includes(GATEWAY_TOKEN)]).toEqual([undefined, false]);
    for (const { logs } of [service, system.gateway])
      expect(logs.raw).not.toMatch(new RegExp(`word-of-a|${GATEWAY_TOKEN}`));
  });
});
