import { hasProgram } from '../lib/programs.ts';
import { caddy } from './caddy/peer.ts';
import { fastapi, fastapiShared } from './fastapi/peer.ts';
import { gateway, gatewayRedis, gatewaySession, gatewaySessionsOn } from './gateway/peer.ts';
import { gatewayTraces, gatewayWithoutSpans } from './gateway/traces.ts';
import { haproxy } from './haproxy/peer.ts';
import { nginxAuthz } from './nginx-authz/peer.ts';
import { nginx } from './nginx/peer.ts';
import { nodeUndici } from './node-undici/peer.ts';
import type { Peer } from './peer.ts';
import { plainHpm } from './plain-hpm/peer.ts';

/** In the order in which a round visits them. */
export const PEERS: readonly Peer[] = [
  gateway,
  nginx,
  nginxAuthz,
  nodeUndici,
  gatewayRedis,
  gatewaySession,
  gatewaySessionsOn,
  gatewayTraces,
  gatewayWithoutSpans,
  haproxy,
  caddy,
  plainHpm,
  fastapi,
  fastapiShared,
];

/** What a peer lacks here; empty where it can run. */
export async function missing(peer: Pick<Peer, 'needs'>): Promise<string[]> {
  const there = await Promise.all(peer.needs.map(hasProgram));
  return peer.needs.filter((_name, index) => !there[index]);
}
