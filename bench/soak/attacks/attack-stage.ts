import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { startRedisServer, type RedisServer } from '../../../test/support/servers/redis-server.ts';
import { workFolder } from '../../lib/children.ts';
import { freePort } from '../../lib/poll.ts';
import { startGateway, type GatewayProcess } from '../../parts/gateway.ts';
import { startKeyService, type CreatedKey, type KeyService } from '../../parts/key-service.ts';
import { startNode } from '../stage.ts';

/** A key and the user that it makes of whoever presents it. */
export interface Victim extends CreatedKey {
  readonly user: string;
}

/** Two replicas of the gateway, the key service, Redis and an upstream, all as they are shipped, on loopback. */
export interface AttackStage {
  readonly gateways: readonly [GatewayProcess, GatewayProcess];
  readonly keyService: KeyService;
  readonly databaseFile: string;
  readonly redis: RedisServer;
  /** One more replica, with other settings. */
  replica(env: Record<string, string>): Promise<GatewayProcess>;
  /** New keys, each of a user of its own, with limits too high to be met. */
  victims(name: string, count: number): Promise<Victim[]>;
  /** Ends all. @returns what came to light: keys in logs or at the upstream, faults of the gateways' own */
  stop(): Promise<string[]>;
}

const UNLIMITED = { rate_limit_per_hour: 1_000_000_000, burst: 1_000_000_000 };
const CREATIONS_AT_ONCE = 8;

/** So short that a short run sees slow uploads end. */
export const UPLOAD_RATE_WINDOW_SECONDS = 3;
const SWEEP_INTERVAL_SECONDS = '1';

export async function setAttackStage(): Promise<AttackStage> {
  const dir = workFolder('attacks');
  const [leaksFile, databaseFile] = [`${dir}/leaks`, `${dir}/keys.sqlite`];
  writeFileSync(leaksFile, '');
  const [port, upstreamPort] = [await freePort(), await freePort()];
  const gatewayAdminToken = randomBytes(24).toString('hex');
  const [redis, upstream, keyService] = await Promise.all([
    startRedisServer({ password: randomBytes(16).toString('hex') }),
    startNode('upstream.node.ts', upstreamPort, leaksFile),
    startKeyService(`sqlite:///${databaseFile}`, {
      GATEWAY_INVALIDATE_URLS: `http://127.0.0.1:${port}/internal/keys/invalidate`,
      GATEWAY_ADMIN_TOKEN: gatewayAdminToken,
      KEY_SWEEP_INTERVAL_SECONDS: SWEEP_INTERVAL_SECONDS,
    }),
  ]);
  const running: GatewayProcess[] = [];
  const start = async (own: Record<string, string>, at?: number): Promise<GatewayProcess> => {
    const gateway = await startGateway({
      upstreamUrl: `http://127.0.0.1:${upstreamPort}`,
      authUrl: keyService.url,
      redisUrl: redis.url,
      ...(at !== undefined && { port: at }),
      env: {
        GATEWAY_ADMIN_TOKEN: gatewayAdminToken,
        // Attackers and victims say by X-Forwarded-For where they are.
        TRUSTED_PROXY_HOPS: '1',
        UPLOAD_RATE_WINDOW_SECONDS: String(UPLOAD_RATE_WINDOW_SECONDS),
        ...own,
      },
    });
    running.push(gateway);
    return gateway;
  };
  const gateways = await Promise.all([start({}, port), start({})]);
  return {
    gateways,
    keyService,
    databaseFile,
    redis,
    replica: (env) => start(env),
    victims: (name, count) => createVictims(keyService, name, count),
    async stop() {
      await Promise.all(running.map(({ child }) => child.stop('SIGINT')));
      await Promise.all([keyService.stop(), redis.close(), upstream.stop('SIGKILL')]);
      return [...running.flatMap(({ child }) => logProblems(child.output())), ...leaks(leaksFile)];
    },
  };
}

async function createVictims(keyService: KeyService, name: string, count: number): Promise<Victim[]> {
  const victims: Victim[] = [];
  for (let from = 0; from < count; from += CREATIONS_AT_ONCE) {
    const users = Array.from(
      { length: Math.min(CREATIONS_AT_ONCE, count - from) },
      (_one, n) => `${name}-${from + n}`,
    );
    const create = async (user: string): Promise<Victim> => ({
      user,
      ...(await keyService.create({ name: user, user_id: user, ...UNLIMITED })),
    });
    victims.push(...(await Promise.all(users.map(create))));
  }
  return victims;
}

function logProblems(log: string): string[] {
  const own = log.split('\n').filter((line) => /"event":"(?:[a-z]+_)?internal_error"/.test(line));
  return [
    ...(own.length > 0 ? [`${own.length} faults of a gateway's own: ${own[0]}`] : []),
    ...(/hk_live_\w/.test(log) ? ['a key stands in the log of a gateway'] : []),
  ];
}

function leaks(file: string): string[] {
  const leaked = readFileSync(file, 'utf8');
  return leaked === '' ? [] : [`a key reached the upstream: ${leaked.slice(0, 200)}`];
}
