import { startGateway } from '../../parts/gateway.ts';
import type { Peer, PeerContext, RunningPeer } from '../peer.ts';

const needs = [process.execPath];

async function start({ upstreamUrl, authUrl, redisUrl }: PeerContext): Promise<RunningPeer> {
  const { url, child } = await startGateway({
    upstreamUrl,
    authUrl,
    ...(redisUrl !== undefined && { redisUrl }),
  });
  return { url, pid: child.pid, stop: () => child.stop('SIGINT') };
}

export const gateway: Peer = {
  name: 'gateway',
  label: 'this gateway',
  about: 'everything on: facts cached in memory, sliding window and burst limit, access log, metrics',
  needs,
  checksKeys: true,
  start: ({ upstreamUrl, authUrl }) => start({ upstreamUrl, authUrl }),
};

export const gatewayRedis: Peer = {
  name: 'gateway-redis',
  label: 'this gateway, Redis',
  about: 'the same with limits and cache shared through Redis',
  needs: [...needs, 'redis-server'],
  redis: true,
  checksKeys: true,
  start,
};
