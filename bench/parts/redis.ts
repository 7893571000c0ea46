import { startChild, workFolder, type ChildProgram } from '../lib/children.ts';
import { eventually, freePort } from '../lib/poll.ts';
import { connect } from 'node:net';

export interface Redis {
  readonly url: string;
  readonly port: number;
  readonly child: ChildProgram;
  stop(): Promise<unknown>;
}

/** A redis-server without persistence, on a free port unless one is given. */
export async function startRedis(wantedPort?: number): Promise<Redis> {
  const port = wantedPort ?? (await freePort());
  const dir = workFolder('redis');
  const child = startChild('redis-server', [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir],
    ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
  ]);
  await eventually(() => pings(port), { what: 'redis-server', program: child });
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
