import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import {
  GATEWAY_CONFIG_CLASSES,
  loadGatewayConfigs,
} from '../../../src/gateway/config/gateway-config.module.js';
import {
  KEY_SERVICE_CONFIG_CLASSES,
  loadKeyServiceConfigs,
} from '../../../src/key-service/config/key-service-config.module.js';
import { variablesOf } from '../../../src/platform/config/env.js';
import { tempDir, type TempDir } from '../../support/temp-dir.js';

interface Service {
  build?: { target: string };
  image?: string;
  environment?: Record<string, string>;
  env_file?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
  stop_grace_period?: string;
  volumes?: string[];
  networks?: string[];
  secrets?: string[];
  command?: string[];
}

interface TaskDefinition {
  containerDefinitions: {
    environment: { name: string; value: string }[];
    secrets: { name: string }[];
    stopTimeout: number;
    portMappings: { containerPort: number }[];
  }[];
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
const GATEWAY_VARIABLES = GATEWAY_CONFIG_CLASSES.flatMap(variablesOf);
const KEY_SERVICE_VARIABLES = KEY_SERVICE_CONFIG_CLASSES.flatMap(variablesOf);
const names = (variables: { name: string }[]): string[] => variables.map(({ name }) => name);

describe('docker/compose.yml', () => {
  let services: Record<string, Service>;
  let volumes: Record<string, unknown>;
  let dir: TempDir;
  const service = (name: string): Service => services[name] ?? {};

  /** What a container gets: its env file, and its own `environment` over it. */
  async function environment(name: string): Promise<Record<string, string>> {
    const env: Record<string, string> = {};
    for (const file of service(name).env_file ?? [])
      for (const line of (await readFile(join(dir.path, file), 'utf8')).trim().split('\n')) {
        const [key = '', value = ''] = line.split(/=(.*)/);
        env[key] = value;
      }
    return { ...env, ...service(name).environment };
  }

  beforeAll(async () => {
    ({ services, volumes } = parse(await read('docker/compose.yml')) as {
      services: Record<string, Service>;
      volumes: Record<string, unknown>;
    });
    dir = await tempDir('compose');
    await promisify(execFile)(process.execPath, [join(root, 'docker/make-secrets.mjs'), dir.path]);
  });

  afterAll(() => dir?.remove());

  it('has the four parts, and nothing of them is reachable from outside but the gateway', async () => {
    expect(Object.keys(services).sort()).toEqual(['gateway', 'key-service', 'mlflow', 'redis']);
    const text = await read('docker/compose.yml');
    expect([...text.matchAll(/ports: \['([^']+)'\]/g)].map((match) => match[1])).toEqual([
      '8001:8001',
      '127.0.0.1:8000:8000',
    ]);
  });

  it('starts the gateway once what it needs is healthy', async () => {
    const dockerfile = await read('docker/Dockerfile');
    for (const [name, { condition }] of Object.entries(service('gateway').depends_on ?? {})) {
      expect(condition).toBe('service_healthy');
      const target = service(name).build?.target;
      if (target === undefined) expect(service(name).healthcheck).toBeDefined();
      else expect(dockerfile).toMatch(new RegExp(`AS ${target}\\n[\\s\\S]+?HEALTHCHECK`));
    }
  });

  it('gives the gateway a whole configuration of variables that exist', async () => {
    const env = await environment('gateway');
    for (const name of Object.keys(env)) expect(names(GATEWAY_VARIABLES)).toContain(name);
    expect(() => loadGatewayConfigs(env)).not.toThrow();
  });

  it('gives the key service a whole configuration of variables that exist', async () => {
    const env = await environment('key-service');
    for (const name of Object.keys(env)) expect(names(KEY_SERVICE_VARIABLES)).toContain(name);
    expect(() => loadKeyServiceConfigs(env)).not.toThrow();
  });

  it('has no secret in itself, and gives none to whom it is no business of', async () => {
    const secret = new Set(
      names([...GATEWAY_VARIABLES, ...KEY_SERVICE_VARIABLES].filter((variable) => variable.secret)),
    );
    for (const { environment: env = {} } of Object.values(services))
      for (const name of Object.keys(env)) expect(secret).not.toContain(name);
    expect(await environment('gateway')).not.toHaveProperty('KEY_PEPPER');
    expect(await environment('gateway')).not.toHaveProperty('HOKUSAI_ADMIN_TOKEN');
  });

  it('makes secrets that fit each other, of mode 600, and never twice', async () => {
    const gateway = await environment('gateway');
    const keyService = await environment('key-service');
    expect(keyService['SERVICE_TOKENS']).toBe(gateway['HOKUSAI_AUTH_SERVICE_TOKEN']);
    expect(keyService['GATEWAY_ADMIN_TOKEN']).toBe(gateway['GATEWAY_ADMIN_TOKEN']);
    expect(new Set(Object.values(keyService)).size).toBe(Object.keys(keyService).length);
    const password = (await readFile(join(dir.path, 'redis-password'), 'utf8')).trim();
    expect(new URL(gateway['REDIS_URL'] ?? '')).toMatchObject({ password, hostname: 'redis' });
    for (const file of ['gateway.env', 'key-service.env', 'redis-password'])
      expect((await stat(join(dir.path, file))).mode & 0o777).toBe(0o600);

    await promisify(execFile)(process.execPath, [join(root, 'docker/make-secrets.mjs'), dir.path]);
    expect(await environment('key-service')).toEqual(keyService);
  });

  it('lets nobody meet Redis but the gateway, and nobody MLflow or the key service but the gateway', () => {
    const meet = (name: string): string[] =>
      Object.keys(services).filter((other) =>
        service(other).networks?.some((network) => service(name).networks?.includes(network)),
      );
    for (const name of ['redis', 'mlflow', 'key-service'])
      expect(meet(name)).toEqual(['gateway', name].sort());
  });

  it('gives Redis its password by a file, and a policy that evicts no tombstone', async () => {
    const script = service('redis').command?.at(-1)?.replaceAll('$$', '$') ?? '';
    expect(service('redis').secrets).toEqual(['redis-password']);
    // What the shell would give to the server, with this file in place of the container's.
    const shown = script
      .replace('exec docker-entrypoint.sh redis-server -', 'cat')
      .replace('/run/secrets/redis-password', join(dir.path, 'redis-password'));
    const { stdout } = await promisify(execFile)('sh', ['-c', shown]);
    const password = (await readFile(join(dir.path, 'redis-password'), 'utf8')).trim();
    expect(stdout.split('\n')).toContain(`requirepass ${password}`);
    expect(/^maxmemory-policy (.*)$/m.exec(stdout)?.[1]).toMatch(/^(volatile-|noeviction$)/);
  });

  it('keeps keys and runs in volumes', () => {
    const used = Object.values(services).flatMap((one) => one.volumes ?? []);
    expect(used.map((volume) => volume.split(':')[0]).sort()).toEqual(Object.keys(volumes).sort());
  });

  it('stops no server before its time', async () => {
    const [{ server }] = [loadGatewayConfigs(await environment('gateway'))];
    for (const name of ['gateway', 'key-service'])
      expect(parseInt(service(name).stop_grace_period ?? '0')).toBeGreaterThan(
        server.drainDelaySeconds + server.shutdownTimeoutSeconds,
      );
  });
});

describe('docker/ecs/gateway.task.json', () => {
  it('is a whole configuration of variables that exist, its secrets in secrets', async () => {
    const [container] = (JSON.parse(await read('docker/ecs/gateway.task.json')) as TaskDefinition)
      .containerDefinitions;
    if (!container) throw new Error('no container');
    const secrets = container.secrets.map(({ name }) => name);
    const env = Object.fromEntries(container.environment.map(({ name, value }) => [name, value]));
    for (const name of [...Object.keys(env), ...secrets]) expect(names(GATEWAY_VARIABLES)).toContain(name);
    for (const { name, secret } of GATEWAY_VARIABLES)
      if (secret) expect(Object.keys(env)).not.toContain(name);

    const { server } = loadGatewayConfigs(env);
    expect(container.portMappings[0]?.containerPort).toBe(server.port);
    expect(container.stopTimeout).toBeGreaterThan(server.drainDelaySeconds + server.shutdownTimeoutSeconds);
    expect(server.trustedProxyHops).toBe(1);
  });
});
