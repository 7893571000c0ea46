import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerConfig } from '../config/server.config.js';

/** Why a port cannot be listened on, as one sentence. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** @throws ListenError where the port or the address cannot be had */
export async function listen(server: Server, config: Pick<ServerConfig, 'host' | 'port'>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const words =
        error.code === 'EADDRINUSE'
          ? `port ${config.port} is already in use; set PORT to a free one`
          : error.code === 'EACCES'
            ? `port ${config.port} needs more rights; set PORT to one above 1023`
            : `cannot listen on HOST and PORT: ${error.code ?? error.message}`;
      reject(new ListenError(words));
    });
    server.listen(config.port, config.host, resolve);
  });
}

/** `http://host:port` of a server that listens; loopback for one that listens on every address. */
export function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const name =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
