import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startRedisServer } from '../../test/support/servers/redis-server.ts';
import { startChild, workFolder, type ChildProgram } from '../lib/children.ts';
import { freePort, untilAnswers } from '../lib/poll.ts';
import { startGateway, type GatewayProcess } from '../parts/gateway.ts';
import type { Faulty, Patient } from './faults.ts';

/** The gateway and everything around it, each a process of its own. */
export interface Stage {
  readonly gateway: GatewayProcess;
  readonly patients: Readonly<Record<Faulty, Patient>>;
  readonly adminToken: string;
  readonly revokedFile: string;
  /** What reached the upstream and should not have. */
  readonly leaksFile: string;
  stop(): Promise<void>;
}

/**
 * Short windows, so that minutes see every one of them pass, and small bounds, so that caches are full soon;
 * facts stay usable through every fault.
 */
const ENVIRONMENT = {
  AUTH_CACHE_TTL_SECONDS: '2',
  AUTH_CACHE_NEGATIVE_TTL_SECONDS: '2',
  AUTH_CACHE_STALE_WHILE_REVALIDATE_SECONDS: '2',
  AUTH_CACHE_STALE_IF_ERROR_SECONDS: '120',
  AUTH_CACHE_MAX_ENTRIES: '500',
  AUTH_CACHE_MAX_REFUSALS: '500',
  AUTH_TIMEOUT_MS: '1000',
  AUTH_BREAKER_RESET_SECONDS: '1',
  RATE_LIMIT_MAX_TRACKED: '500',
  RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '1000000',
  MLFLOW_CONNECT_TIMEOUT_MS: '1000',
  MLFLOW_HEADERS_TIMEOUT_SECONDS: '3',
  BODY_IDLE_TIMEOUT_SECONDS: '3',
};

/**
 * So little room that garbage is collected all through a run: what grows then is held, and a leak ends the gateway.
 */
const NODE_ARGUMENTS = ['--max-old-space-size=96', '--max-semi-space-size=4'];

export async function setStage(): Promise<Stage> {
  const dir = workFolder('soak');
  const [revokedFile, leaksFile] = [`${dir}/revoked`, `${dir}/leaks`];
  for (const file of [revokedFile, leaksFile]) writeFileSync(file, '');
  const [authPort, upstreamPort] = [await freePort(), await freePort()];
  const redis = await startRedisServer();
  const servers = {
    auth: restartable(() => startNode('auth-service.node.ts', authPort, revokedFile)),
    upstream: restartable(() => startNode('upstream.node.ts', upstreamPort, leaksFile)),
  };
  await Promise.all(Object.values(servers).map((server) => server.start()));
  const adminToken = randomBytes(24).toString('hex');
  const gateway = await startGateway({
    upstreamUrl: `http://127.0.0.1:${upstreamPort}`,
    authUrl: `http://127.0.0.1:${authPort}`,
    redisUrl: redis.url,
    env: { ...ENVIRONMENT, GATEWAY_ADMIN_TOKEN: adminToken },
    nodeArgs: NODE_ARGUMENTS,
  });
  return {
    gateway,
    patients: { ...servers, redis },
    adminToken,
    revokedFile,
    leaksFile,
    async stop() {
      await gateway.child.stop('SIGINT');
      await Promise.all([redis.close(), ...Object.values(servers).map((server) => server.kill())]);
    },
  };
}

/** A program of this folder, with a port and a file as its arguments. */
export async function startNode(name: string, port: number, file: string): Promise<ChildProgram> {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const child = startChild(process.execPath, [script, String(port), file]);
  await untilAnswers(`http://127.0.0.1:${port}/`, name, { child });
  return child;
}

/** A part that comes back on the same port. */
function restartable(start: () => Promise<ChildProgram>): Patient {
  let child: ChildProgram | undefined;
  return {
    pause: () => void child?.child.kill('SIGSTOP'),
    resume: () => void child?.child.kill('SIGCONT'),
    async kill() {
      await child?.stop('SIGKILL');
    },
    async start() {
      child = await start();
    },
  };
}
