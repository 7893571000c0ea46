import { startRedisServer } from '../../test/support/servers/redis-server.ts';
import { startBackend, type Backend } from '../parts/backend.ts';
import { missing } from '../peers/all.ts';
import { headersOf, requestUrl, type Peer, type RunningPeer } from '../peers/peer.ts';
import { tryPeer } from '../peers/try.ts';
import type { Target } from './rounds.ts';
import { CannotRun } from './section.ts';

export interface RunningPeers {
  readonly backend: Backend;
  readonly targets: Target[];
  /** Peers that could not be started here, and why. */
  readonly absent: string[];
  stop(): Promise<void>;
}

/**
 * Starts the backend and those of the peers that can run here; each is tried once before it is measured. They stand in
 * front of the backend's upstream unless another is given.
 */
export async function startPeers(peers: readonly Peer[], upstreamUrl?: string): Promise<RunningPeers> {
  const started = await startBackend();
  const backend = { ...started, upstreamUrl: upstreamUrl ?? started.upstreamUrl };
  if (!backend.fast)
    throw new CannotRun('nginx is not installed: no upstream is fast enough to measure against');
  const redis = peers.some((peer) => peer.redis)
    ? await startRedisServer().catch(() => undefined)
    : undefined;
  const running: RunningPeer[] = [];
  const targets: Target[] = [];
  const absent: string[] = [];
  for (const peer of peers) {
    const lacking = await missing(peer);
    if (lacking.length > 0) {
      absent.push(`${peer.label} was left out: it needs ${lacking.map(baseName).join(' and ')}`);
      continue;
    }
    try {
      const peerRunning = await peer.start({ ...backend, redisUrl: redis?.url });
      running.push(peerRunning);
      await tryPeer(peer, peerRunning);
      targets.push({
        name: peer.name,
        label: peer.label,
        url: requestUrl(peerRunning),
        headers: headersOf(peer, peerRunning),
        pid: peerRunning.pid,
      });
    } catch (error) {
      process.stderr.write(`  ${peer.label} does not work here: ${(error as Error).message}\n`);
      absent.push(`${peer.label} was left out: it did not start or answered wrongly`);
    }
  }
  return {
    backend,
    targets,
    absent,
    async stop() {
      await Promise.all(running.map((peer) => peer.stop()));
      await Promise.all([backend.stop(), redis?.close()]);
    },
  };
}

export const baseName = (path: string): string => path.split('/').at(-1) ?? path;
