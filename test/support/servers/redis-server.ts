import { createClient } from 'redis';
import { startProgram, type ChildProgram } from '../programs/child-program.ts';
import { eventually } from '../lib/eventually.ts';
import { freePort } from '../programs/free-port.ts';
import { tempDir } from '../lib/temp-dir.ts';

export interface RedisServerOptions {
  /** Clients must know it; it is part of `url`. */
  password?: string;
  /** PEM files: the server then speaks TLS alone, and `url` is `rediss://`. */
  tls?: { certFile: string; keyFile: string; caFile: string };
  /** Lines of a redis.conf, such as `maxmemory 1mb`. */
  config?: readonly string[];
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Freezes the process: connections stay open and nobody answers. */
  pause(): void;
  resume(): void;
  /** Ends it orderly; `start` brings an empty one back on the same port. */
  stop(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it for good and removes its folder. */
  close(): Promise<void>;
}

/** A real redis-server on a free loopback port, without persistence. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const port = await freePort();
  const dir = await tempDir('redis');
  const { password, tls } = options;
  const url = `${tls ? 'rediss' : 'redis'}://${password ? `:${encodeURIComponent(password)}@` : ''}127.0.0.1:${port}`;
  const config = [
    'bind 127.0.0.1',
    tls ? `port 0\ntls-port ${port}\ntls-auth-clients no` : `port ${port}`,
    ...(tls
      ? [`tls-cert-file ${tls.certFile}`, `tls-key-file ${tls.keyFile}`, `tls-ca-cert-file ${tls.caFile}`]
      : []),
    ...(password ? [`requirepass ${JSON.stringify(password)}`] : []),
    'save ""',
    'appendonly no',
    `dir ${dir.path}`,
    ...(options.config ?? []),
  ].join('\n');
  let program: ChildProgram | undefined;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = program;
    program = undefined;
    await running?.stop(signal);
  };
  const server: RedisServer = {
    url,
    port,
    pause: () => void program?.child.kill('SIGSTOP'),
    resume: () => void program?.child.kill('SIGCONT'),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async start() {
      // The configuration goes in by standard input, so that a password stands in no argument list.
      program = startProgram('redis-server', ['-'], { input: config });
      await untilAnswers(program, url, tls !== undefined);
    },
    async close() {
      await end('SIGKILL');
      await dir.remove();
    },
  };
  await server.start();
  return server;
}

async function untilAnswers(program: ChildProgram, url: string, tls: boolean): Promise<void> {
  await eventually(
    async () => {
      const client = createClient({
        url,
        socket: { reconnectStrategy: false, ...(tls && { tls: true, rejectUnauthorized: false }) },
      });
      client.on('error', () => {});
      await client.connect();
      await client.ping();
      await client.disconnect();
      return true;
    },
    { what: 'redis-server', program, timeoutMs: 30_000 },
  );
}
