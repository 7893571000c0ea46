import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { StartError } from './terminal.ts';

export const LOOPBACK = '127.0.0.1';

/** A free port, chosen by the system. */
export function freePort(): Promise<number> {
  return probe(0);
}

/**
 * @param variable what to set to another port
 * @throws StartError with one sentence where the port cannot be had
 */
export async function requireFreePort(port: number, variable: string): Promise<void> {
  try {
    await probe(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is already in use' : `cannot be used (${code ?? 'unknown reason'})`;
    throw new StartError(`Port ${port} ${why}: stop what uses it, or set ${variable} to a free port.`, 2);
  }
}

function probe(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });
}
