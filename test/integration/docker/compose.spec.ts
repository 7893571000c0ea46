import { execFile } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
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
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

interface Service {
  build?: { target: string };
  image?: string;
  user?: string;
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
  stop_grace_period?: string;
  volumes?: string[];
  networks?: string[];
  secrets?: string[];
  command?: string[];
  ports?: string[];
}

interface ComposeFile {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, unknown>;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
const GATEWAY_VARIABLES = GATEWAY_CONFIG_CLASSES.flatMap(variablesOf);
const KEY_SERVICE_VARIABLES = KEY_SERVICE_CONFIG_CLASSES.flatMap(variablesOf);
const PROGRAMS = [
  { name: 'gateway', variables: GATEWAY_VARIABLES, load: loadGatewayConfigs },
  { name: 'key-service', variables: KEY_SERVICE_VARIABLES, load: loadKeyServiceConfigs },
] as const;
const names = (variables: readonly { name: string }[]): string[] => variables.map(({ name }) => name);

describe('docker/compose.yml', () => {
  let file: ComposeFile;
  let tls: ComposeFile;
  let dir: TempDir;
  const service = (name: string): Service => file.services[name] ?? {};
  const secret = async (name: string): Promise<string> =>
    (await readFile(join(dir.path, 'secrets', name), 'utf8')).trim();
  const makeSecrets = (): Promise<unknown> =>
    promisify(execFile)(process.execPath, [join(root, 'docker/make-secrets.mjs'), dir.path]);
  /** What a container gets, with the folder of this test for the one where its secrets are mounted. */
  const environment = (name: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(service(name).environment ?? {}).map(([key, value]) => [
        key,
        value.replace('/run/secrets', join(dir.path, 'secrets')),
      ]),
    );

  beforeAll(async () => {
    file = parse(await read('docker/compose.yml'), { merge: true }) as ComposeFile;
    tls = parse(await read('docker/compose.tls.yml'), { logLevel: 'silent' }) as ComposeFile;
    dir = await tempDir('compose');
    await makeSecrets();
  });

  afterAll(() => dir?.remove());

  it('publishes every port on loopback alone; with TLS, the ports of HTTP and HTTPS instead of the gateway’s', () => {
    const published = Object.values(file.services).flatMap(({ ports = [] }) => ports);
    expect(published).toEqual([
      '${GATEWAY_ADDRESS:-127.0.0.1:8001}:8001',
      '127.0.0.1:${KEY_SERVICE_PORT:-8000}:8000',
      '127.0.0.1:${PROMETHEUS_PORT:-9090}:9090',
    ]);
    expect(tls.services['gateway']?.ports).toEqual([]);
    expect(tls.services['tls']?.ports).toEqual(['${HTTP_PORT:-80}:80', '${HTTPS_PORT:-443}:443']);
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

  it.each(PROGRAMS)(
    'gives $name a whole configuration of variables that exist',
    ({ name, variables, load }) => {
      for (const variable of Object.keys(environment(name)))
        expect(names(variables)).toContain(variable.replace(/_FILE$/, ''));
      expect(() => load(environment(name))).not.toThrow();
    },
  );

  it('the TLS file turns on what a gateway behind one proxy needs', () => {
    const { server } = loadGatewayConfigs({
      ...environment('gateway'),
      ...tls.services['gateway']?.environment,
    });
    expect(server).toMatchObject({ trustedProxyHops: 1, requireHttps: true });
  });

  it.each(PROGRAMS)(
    '$name gets secrets as files alone, and mounts each file that it names',
    ({ name, variables }) => {
      const files = Object.entries(service(name).environment ?? {}).filter(([key]) => key.endsWith('_FILE'));
      expect(files.map(([, path]) => path.replace('/run/secrets/', '')).sort()).toEqual(
        [...(service(name).secrets ?? [])].sort(),
      );
      const secrets = names(variables.filter((variable) => variable.secret));
      for (const [key] of files) expect(secrets).toContain(key.replace(/_FILE$/, ''));
      for (const key of Object.keys(service(name).environment ?? {})) expect(secrets).not.toContain(key);
    },
  );

  it('gives each secret only to the services that use it', () => {
    expect(service('gateway').secrets).not.toContain('key-pepper');
    expect(service('gateway').secrets).not.toContain('admin-token');
    expect(service('mlflow').secrets).toBeUndefined();
    expect(service('redis').secrets).toEqual(['redis-password']);
    expect(service('database').secrets).toEqual(['database-password']);
  });

  it('makes exactly the secrets that are mounted somewhere, and they fit each other', async () => {
    const made = (await readdir(join(dir.path, 'secrets'))).sort();
    expect(Object.keys(file.secrets).sort()).toEqual(made);
    const mounted = new Set(Object.values(file.services).flatMap(({ secrets = [] }) => secrets));
    expect([...mounted].sort()).toEqual(made);
    for (const [name, { file: path }] of Object.entries(file.secrets)) expect(path).toBe(`secrets/${name}`);
    expect(new URL(await secret('redis-url'))).toMatchObject({
      password: await secret('redis-password'),
      hostname: 'redis',
    });
    expect(new URL(await secret('database-url'))).toMatchObject({
      username: service('database').environment?.['POSTGRES_USER'],
      password: await secret('database-password'),
      hostname: 'database',
      pathname: `/${service('database').environment?.['POSTGRES_DB']}`,
    });
    expect(new Set(await Promise.all(made.map(secret))).size).toBe(made.length);
  });

  it('lets nobody but their owner into the folder of secrets, and makes them once', async () => {
    expect((await stat(join(dir.path, 'secrets'))).mode & 0o777).toBe(0o700);
    const before = await secret('key-pepper');
    await makeSecrets();
    expect(await secret('key-pepper')).toBe(before);
  });

  it('makes no secrets beside those of an earlier version, whose pepper would be lost', async () => {
    const other = await tempDir('earlier');
    await writeFile(join(other.path, 'key-service.env'), 'KEY_PEPPER=x\n');
    const script = join(root, 'docker/make-secrets.mjs');
    await expect(promisify(execFile)(process.execPath, [script, other.path])).rejects.toThrow('UPGRADING.md');
    expect(await readdir(other.path)).toEqual(['key-service.env']);
    await other.remove();
  });

  it('lets each part meet whom it works with, and nobody else', () => {
    const meet = (name: string): string[] =>
      Object.keys(file.services).filter((other) =>
        service(other).networks?.some((network) => service(name).networks?.includes(network)),
      );
    for (const name of ['redis', 'mlflow']) expect(meet(name).sort()).toEqual(['gateway', name].sort());
    expect(meet('database')).toEqual(['key-service', 'database']);
    expect(meet('prometheus')).toEqual(['gateway', 'key-service', 'prometheus']);
    expect(tls.services['tls']?.networks).toEqual(['edge']);
    expect(tls.services['gateway']?.networks).toEqual([...(service('gateway').networks ?? []), 'edge']);
  });

  it.each(['compose.yml', 'compose.tls.yml'])(
    'takes rights from every container of %s, and bounds it',
    (name) => {
      for (const [one, settings] of Object.entries((name === 'compose.yml' ? file : tls).services)) {
        if (one === 'gateway' && name === 'compose.tls.yml') continue;
        expect([one, settings]).toEqual([
          one,
          expect.objectContaining({
            read_only: true,
            cap_drop: ['ALL'],
            security_opt: ['no-new-privileges:true'],
            mem_limit: expect.stringMatching(/^(256|384|512)m$|^[12]g$/),
            logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } },
          }),
        ]);
      }
    },
  );

  it('gives Redis its password by a file, and a policy that evicts no tombstone', async () => {
    const script = service('redis').command?.at(-1)?.replaceAll('$$', '$') ?? '';
    // What the shell would give to the server, with this file in place of the container's.
    const shown = script
      .replace('exec docker-entrypoint.sh redis-server -', 'cat')
      .replace('/run/secrets', join(dir.path, 'secrets'));
    const { stdout } = await promisify(execFile)('sh', ['-c', shown]);
    expect(stdout.split('\n')).toContain(`requirepass ${await secret('redis-password')}`);
    expect(/^maxmemory-policy (.*)$/m.exec(stdout)?.[1]).toMatch(/^(volatile-|noeviction$)/);
  });

  it('keeps keys and runs in volumes', () => {
    const used = Object.values(file.services).flatMap((one) => one.volumes ?? []);
    const volumes = used.map((volume) => volume.split(':')[0] ?? '').filter((name) => !name.startsWith('.'));
    expect(volumes.sort()).toEqual(Object.keys(file.volumes).sort());
  });

  it.each(PROGRAMS)('stops $name not before its time', ({ name, load }) => {
    const { server } = load(environment(name));
    expect(parseInt(service(name).stop_grace_period ?? '0')).toBeGreaterThanOrEqual(
      server.drainDelaySeconds + server.shutdownTimeoutSeconds + 3,
    );
  });

  it('names its images by the version of the package, as their label does', async () => {
    const { version } = JSON.parse(await read('package.json')) as { version: string };
    for (const { build, image } of Object.values(file.services))
      if (build) expect(image?.split(':')[1]).toBe(version);
    expect(await read('docker/Dockerfile')).toContain(`org.opencontainers.image.version="${version}"`);
  });
});
