import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What one raw exchange gave. */
export interface RawAnswer {
  readonly text: string;
  /** The first status; 0 where nothing came. */
  readonly status: number;
  /** Statuses of all answers on the connection. */
  readonly statuses: number[];
}

/** Writes bytes on a fresh connection and collects what comes back until `until` holds or the peer closes. */
export function rawRequest(
  port: number,
  bytes: string | Buffer | readonly (string | Buffer)[],
  until: (text: string) => boolean = () => false,
  timeoutMs = 5000,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    const text = (): string => Buffer.concat(chunks).toString('latin1');
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      const all = text();
      const statuses = [...all.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
      resolve({ text: all, status: statuses[0] ?? 0, statuses });
    };
    const timer = setTimeout(
      () => (socket.destroy(), reject(new Error(`no end after ${timeoutMs} ms: ${text().slice(0, 300)}`))),
      timeoutMs,
    );
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (until(text())) finish();
    });
    socket.on('close', finish);
    socket.on('error', () => undefined);
    for (const part of Array.isArray(bytes) ? bytes : [bytes]) socket.write(part as Buffer, 'latin1');
  });
}

/** Ends when an answer with `Content-Length` is complete. */
export function oneAnswer(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end));
  return length !== null && text.length >= end + 4 + Number(length[1]);
}

export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** Everything received, one text a connection, oldest first. */
  readonly received: string[];
  readonly sockets: Socket[];
  close(): Promise<void>;
}

/** A TCP server that handles each piece of data as the test says: an upstream that misbehaves. */
export async function startRawServer(
  onData: (socket: Socket, soFar: string, connection: number) => void,
  port = 0,
): Promise<RawServer> {
  const received: string[] = [];
  const sockets: Socket[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = received.push('') - 1;
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received[connection] += chunk.toString('latin1');
      onData(socket, received[connection] as string, connection);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    received,
    sockets,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
