import { BAD_KEY } from '../parts/backend.ts';
import { bearer, headersOf, requestUrl, type Peer, type RunningPeer } from './peer.ts';

/**
 * Sends the measured request once, and one with a bad key.
 *
 * @throws Error where the peer does not answer as a key-checking proxy should
 */
export async function tryPeer(peer: Peer, running: RunningPeer): Promise<void> {
  const good = await fetch(requestUrl(running), { headers: headersOf(peer, running) });
  const body = (await good.json().catch(() => ({}))) as { experiments?: unknown[] };
  if (good.status !== 200 || !Array.isArray(body.experiments))
    throw new Error(`${peer.name} answered ${good.status} to the measured request`);
  if (!peer.checksKeys) return;
  const bad = await fetch(requestUrl(running), { headers: bearer(BAD_KEY) });
  await bad.body?.cancel();
  if (bad.status !== 401) throw new Error(`${peer.name} answered ${bad.status} to a bad key`);
}
