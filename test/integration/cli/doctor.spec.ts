import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startFakeMlflow, type FakeMlflow, type MlflowFault } from '../../support/mlflow/fake-mlflow.js';
import { freePort } from '../../support/programs/free-port.js';
import { startTestGateway } from '../../support/systems/gateway.js';
import { hokusai } from '../../support/programs/hokusai.js';
import { startRecordingUpstream } from '../../support/servers/recording-upstream.js';
import { startRedisServer } from '../../support/servers/redis-server.js';
import { tempDir } from '../../support/lib/temp-dir.js';

interface Found {
  code: number;
  checks: Record<string, { status: string; fault?: string; seen: string; todo?: string }>;
  all: string;
}

let mlflow: FakeMlflow;
let auth: FakeAuthService;

beforeAll(async () => {
  mlflow = await startFakeMlflow();
  // Node's own default of 5 s is what uvicorn has, too.
  mlflow.server.keepAliveTimeout = 5000;
  auth = await startFakeAuthService();
});
beforeEach(() => auth.override());
afterAll(async () => {
  await mlflow?.close();
  await auth?.close();
});

async function doctor(env: Record<string, string>, ...args: string[]): Promise<Found> {
  const result = await hokusai(['doctor', '--json', '--timeout', '2000', ...args], { env });
  if (result.stdout === '') throw new Error(result.stderr);
  const { checks } = result.json<{ checks: { name: string; status: string; seen: string }[] }>();
  return {
    code: result.code,
    checks: Object.fromEntries(checks.map((check) => [check.name, check])),
    all: result.stdout + result.stderr,
  };
}

describe('a sound system', () => {
  it('passes every check, and all of its parts are checked', async () => {
    const redis = await startRedisServer({ password: 'geheim' });
    const gateway = await startTestGateway({
      MLFLOW_SERVER_URL: mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      REDIS_URL: redis.url,
      GATEWAY_ADMIN_TOKEN: 'gateway-token-of-the-tests',
    });
    try {
      const { code, checks, all } = await doctor({
        MLFLOW_SERVER_URL: mlflow.url,
        REDIS_URL: redis.url,
        HOKUSAI_AUTH_SERVICE_URL: auth.url,
        MLFLOW_TRACKING_URI: `${gateway.url}/api/mlflow`,
        GATEWAY_ADMIN_TOKEN: 'gateway-token-of-the-tests',
      });
      const bad = Object.values(checks).filter(({ status }) => status === 'fail' || status === 'warn');
      expect(bad).toEqual([]);
      expect(code).toBe(0);
      expect(checks['gateway-keep-alive']?.seen).toBe(
        '125 s, longer than AWS ALB (60), nginx (60), Traefik (90), Caddy (120); ' +
          'behind Google Cloud (600) raise KEEP_ALIVE_SECONDS above that',
      );
      expect(checks['mlflow-keep-alive']?.status).toBe('pass');
      expect(checks['redis-ping']?.seen).toContain('PONG');
      expect(all).not.toContain('geheim');
      expect(all).not.toContain('gateway-token-of-the-tests');
    } finally {
      await gateway.close();
      await redis.close();
    }
  });

  it('is looked at only where it was named', async () => {
    const { checks } = await doctor({ HOKUSAI_AUTH_SERVICE_URL: auth.url });
    expect(Object.keys(checks).every((name) => name.startsWith('auth-service-'))).toBe(true);
  });
});

describe('MLflow', () => {
  const PLANTED = [
    ['host-rejected', 'mlflow-host', 'mlflow-host-rejected'],
    ['sign-in', 'mlflow-static-prefix', 'mlflow-sign-in'],
    ['static-prefix', 'mlflow-static-prefix', 'mlflow-static-prefix'],
    ['ajax-only', 'mlflow-static-prefix', 'mlflow-api-failing'],
    ['artifacts-off', 'mlflow-serve-artifacts', 'artifacts-off'],
  ] satisfies [MlflowFault, string, string][];
  let found: Map<string, Found>;

  // All at the same time: each look waits for seconds whether MLflow keeps a connection.
  beforeAll(async () => {
    const looks = PLANTED.map(async ([planted]) => {
      const ill = await startFakeMlflow();
      ill.fault = planted;
      ill.server.keepAliveTimeout = mlflow.server.keepAliveTimeout;
      return [planted, await doctor({ MLFLOW_SERVER_URL: ill.url }).finally(() => ill.close())] as const;
    });
    found = new Map(await Promise.all(looks));
  });

  it.each(PLANTED)('with %s is named by %s', (planted, name, fault) => {
    const { code, checks } = found.get(planted) as Found;
    expect(checks[name]).toMatchObject({ status: 'fail', fault });
    expect(checks[name]?.todo).toBeTruthy();
    expect(code).toBe(1);
  });

  it('that drops idle connections before the gateway does is named, with the time', async () => {
    const short = await startFakeMlflow();
    // Node adds a second to the configured time.
    short.server.keepAliveTimeout = 300;
    try {
      const { checks } = await doctor({ MLFLOW_SERVER_URL: short.url });
      expect(checks['mlflow-keep-alive']).toMatchObject({ status: 'fail', fault: 'mlflow-keep-alive-short' });
      expect(checks['mlflow-keep-alive']?.seen).toMatch(/^dropped after [0-3]\.\d s$/);
    } finally {
      await short.close();
    }
  });

  it('that is not there is unreachable, exit code 5', async () => {
    const { code, checks } = await doctor({ MLFLOW_SERVER_URL: `http://127.0.0.1:${await freePort()}` });
    expect(checks['mlflow-clock']).toMatchObject({ status: 'fail', fault: 'mlflow-unreachable' });
    expect(code).toBe(5);
  });

  it('whose name does not resolve is named as a fault of DNS', async () => {
    const { code, checks } = await doctor({ MLFLOW_SERVER_URL: 'http://mlflow.invalid:5000' });
    expect(checks['mlflow-dns']).toMatchObject({ status: 'fail', fault: 'dns-failing' });
    expect(code).toBe(5);
  });
});

describe('clocks', () => {
  it.each([
    [-120_000, 'fail', 'behind'],
    [10_000, 'warn', 'ahead'],
  ])('that differ by %d ms are a %s', async (skewMs, status, word) => {
    const server = await startRecordingUpstream((_request, response) => {
      response.sendDate = false;
      response.setHeader('date', new Date(Date.now() + skewMs).toUTCString());
      response.end('{}');
    });
    try {
      const { checks } = await doctor({ HOKUSAI_AUTH_SERVICE_URL: server.url });
      expect(checks['auth-service-clock']).toMatchObject({ status, fault: 'clock-skew' });
      expect(checks['auth-service-clock']?.seen).toContain(word);
    } finally {
      await server.close();
    }
  });
});

describe('TLS', () => {
  it('with a certificate that nobody trusts is named, with when it ends', async () => {
    const dir = await tempDir('tls');
    const [key, cert] = [join(dir.path, 'key.pem'), join(dir.path, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-days',
        '90',
        ...subject,
      ],
      { stdio: 'ignore' },
    );
    const server = createHttpsServer(
      { key: readFileSync(key), cert: readFileSync(cert) },
      (_request, response) => response.end('{}'),
    );
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { code, checks } = await doctor({ HOKUSAI_AUTH_SERVICE_URL: `https://localhost:${port}` });
      expect(checks['auth-service-tls']).toMatchObject({ status: 'fail', fault: 'tls-failing' });
      expect(checks['auth-service-tls']?.seen).toMatch(/SELF_SIGNED.*ends in (89|90) days/);
      expect(code).toBe(1);
    } finally {
      await new Promise((resolve) => server.close(resolve));
      await dir.remove();
    }
  });
});

describe('Redis', () => {
  it('with a wrong password is refused, and no password is shown', async () => {
    const redis = await startRedisServer({ password: 'geheim' });
    try {
      const { code, checks, all } = await doctor({ REDIS_URL: redis.url.replace('geheim', 'falsch') });
      expect(checks['redis-ping']).toMatchObject({ status: 'fail', fault: 'redis-refused' });
      expect(checks['redis-ping']?.todo).toContain('password');
      expect(all).not.toMatch(/geheim|falsch/);
      expect(code).toBe(3);
    } finally {
      await redis.close();
    }
  });

  it('without the password that it asks for is refused', async () => {
    const redis = await startRedisServer({ password: 'geheim' });
    try {
      const { checks } = await doctor({ REDIS_URL: `redis://127.0.0.1:${redis.port}/2` });
      expect(checks['redis-ping']?.fault).toBe('redis-refused');
    } finally {
      await redis.close();
    }
  });

  it('that is down, or that accepts and never answers, is down, within the time-out', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    for (const url of [`redis://127.0.0.1:${await freePort()}`, `redis://127.0.0.1:${port}`]) {
      const { code, checks } = await doctor({ REDIS_URL: url });
      expect(checks['redis-ping']).toMatchObject({ status: 'fail', fault: 'redis-down' });
      expect(code).toBe(5);
    }
    silent.close();
  });

  it.each([
    ['two answers', '+PONG\r\n+PONG\r\n+PONG\r\n+PONG\r\n+PONG\r\n+PONG\r\n+PONG\r\n+PONG\r\n'],
    ['half of one', '$100\r\nhalf'],
    ['a length that is none', '$-7\r\n'],
  ])('that answers with nonsense ends no check but its own: %s', async (_what, bytes) => {
    const nonsense = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write(bytes));
    });
    await new Promise<void>((resolve) => nonsense.listen(0, '127.0.0.1', resolve));
    const { port } = nonsense.address() as AddressInfo;
    const { checks } = await doctor({ REDIS_URL: `redis://127.0.0.1:${port}` });
    expect(checks['redis-ping']?.status).toBe('fail');
    nonsense.close();
  });

  it('that is something else is not taken for Redis', async () => {
    const { checks } = await doctor({ REDIS_URL: mlflow.url.replace('http', 'redis') });
    expect(checks['redis-ping']).toMatchObject({ status: 'fail', fault: 'redis-down' });
  });
});

describe('the auth service', () => {
  it('is asked under both contracts where there is a key', async () => {
    const apiKey = 'hk_live_abcdefghijklmnopqrstuvwxyz012345';
    auth.know(apiKey);
    const { checks } = await doctor({ HOKUSAI_AUTH_SERVICE_URL: auth.url, HOKUSAI_API_KEY: apiKey });
    expect(checks['auth-service-contracts']).toMatchObject({ status: 'pass' });
    expect(checks['auth-service-contracts']?.seen).toBe('header: 200, valid; body: 200, valid');
  });

  it('that is a web server without validation is named', async () => {
    const { checks } = await doctor({ HOKUSAI_AUTH_SERVICE_URL: mlflow.url });
    expect(checks['auth-service-contracts']?.fault).toBe('auth-service-unreachable');
  });
});

describe('wrong use', () => {
  it('without anything named says what can be', async () => {
    const { code, stderr } = await hokusai(['doctor']);
    expect(code).toBe(2);
    expect(stderr).toContain('MLFLOW_SERVER_URL, REDIS_URL');
  });

  it('with a password among the arguments is refused, and the password not repeated', async () => {
    const { code, stderr } = await hokusai(['doctor', '--redis-url', 'redis://:geheim@127.0.0.1:6379']);
    expect(code).toBe(2);
    expect(stderr).toContain('REDIS_URL');
    expect(stderr).not.toContain('geheim');
  });
});
