import { startChild, workFolder, type Child } from '../lib/children.ts';
import { freePort, until } from '../lib/poll.ts';
import { connect } from 'node:net';

export interface Redis {
  readonly url: string;
  readonly port: number;
  readonly child: Child;
  stop(): Promise<void>;
}

/** A redis-server without persistence, on a free port unless one is given. */
export async function startRedis(wantedPort?: number): Promise<Redis> {
  const port = wantedPort ?? (await freePort());
  const dir = workFolder('redis');
  const child = startChild('redis-server', [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir],
    ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
  ]);
  await until(() => pings(port), 'redis-server', { child });
  return { url: `redis://127.0.0.1:${port}/0`, port, child, stop: () => child.stop() };
}

function pings(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const done = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(1000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('data', (data) => done(data.toString().startsWith('+PONG')));
  });
}
