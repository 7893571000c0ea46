import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface HostileRedis {
  readonly url: string;
  /** What comes back for a command; undefined is what a Redis would say. */
  answer: (command: readonly string[]) => string | Buffer | undefined;
  /** Sends something that nobody asked for on every connection. */
  push(bytes: string): void;
  /** Connections so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A server that speaks RESP as far as a test wants it to. */
export async function startHostileRedis(): Promise<HostileRedis> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let rest = '';
    socket.on('data', (chunk) => {
      const { commands, left } = commandsOf(rest + chunk.toString('latin1'));
      rest = left;
      for (const command of commands) socket.write(hostile.answer(command) ?? usual(command), 'latin1');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hostile: HostileRedis = {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: () => undefined,
    push: (bytes) => sockets.forEach((socket) => socket.write(bytes, 'latin1')),
    get connections() {
      return connections;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return hostile;
}

function usual([name = '', ...args]: readonly string[]): string {
  switch (name.toUpperCase()) {
    case 'PING':
      return '+PONG\r\n';
    case 'GET':
      return '$5\r\nhello\r\n';
    case 'PUBLISH':
      return ':0\r\n';
    case 'SUBSCRIBE':
      return args
        .map((channel, i) => `*3\r\n$9\r\nsubscribe\r\n$${channel.length}\r\n${channel}\r\n:${i + 1}\r\n`)
        .join('');
    default:
      return '+OK\r\n';
  }
}

/** Commands as clients send them: arrays of strings. */
function commandsOf(text: string): { commands: string[][]; left: string } {
  const commands: string[][] = [];
  let at = 0;
  for (;;) {
    const head = /^\*(\d+)\r\n/.exec(text.slice(at));
    if (!head) return { commands, left: text.slice(at) };
    const words: string[] = [];
    let next = at + head[0].length;
    while (words.length < Number(head[1])) {
      const length = /^\$(\d+)\r\n/.exec(text.slice(next));
      if (!length) return { commands, left: text.slice(at) };
      const start = next + length[0].length;
      next = start + Number(length[1]) + 2;
      if (next > text.length) return { commands, left: text.slice(at) };
      words.push(text.slice(start, next - 2));
    }
    commands.push(words);
    at = next;
  }
}
