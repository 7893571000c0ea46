import { join } from 'node:path';
import { startChild, workFolder, type ChildProgram } from '../lib/children.ts';
import { freePort, untilAnswers } from '../lib/poll.ts';
import { DIST } from '../lib/programs.ts';

export interface GatewayProcess {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  readonly child: ChildProgram;
}

export interface GatewayOptions {
  upstreamUrl: string;
  authUrl: string;
  redisUrl?: string;
  /** A free one by default. */
  port?: number;
  /** Folder of the built programs, where it is not `DIST`. */
  dist?: string;
  /** More of the environment, or other values of what is set here. */
  env?: Record<string, string>;
  /** Arguments of node before the program's. */
  nodeArgs?: readonly string[];
}

/** The gateway as it is shipped, everything on, its log in a file; limits too high to be met. */
export async function startGateway(options: GatewayOptions): Promise<GatewayProcess> {
  const port = options.port ?? (await freePort());
  const child = startChild(
    process.execPath,
    [...(options.nodeArgs ?? []), join(options.dist ?? DIST, 'gateway', 'main.js')],
    {
      cwd: workFolder('gateway'),
      env: {
        HOST: '127.0.0.1',
        PORT: String(port),
        MLFLOW_SERVER_URL: options.upstreamUrl,
        HOKUSAI_AUTH_SERVICE_URL: options.authUrl,
        REDIS_URL: options.redisUrl,
        CACHE_HMAC_SECRET: 'a-secret-of-all-replicas',
        RATE_LIMIT_PER_HOUR: '1000000000',
        RATE_LIMIT_BURST: '1000000000',
        ...options.env,
      },
    },
  );
  await untilAnswers(`http://127.0.0.1:${port}/health`, 'the gateway', { child, status: 200 });
  return { url: `http://127.0.0.1:${port}`, port, child };
}
