import { GOOD_KEY } from '../../parts/backend.ts';
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

/** Two processes of one build differ: V8 compiles, and lays out its memory, a little differently each time. */
export const gatewayTwin: Peer = {
  ...gateway,
  name: 'gateway-twin',
  label: 'this gateway, once more',
  about: 'a second process of the first row, for what two equal processes differ by',
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

const SESSIONS = { SESSION_SECRETS: 'a-secret-of-the-sessions-of-all-replicas' };

export const gatewaySessionsOn: Peer = {
  name: 'gateway-sessions-on',
  label: 'this gateway, sessions on',
  about: 'a key in a header, at a gateway that has sessions too',
  needs,
  checksKeys: true,
  async start({ upstreamUrl, authUrl }) {
    const { url, child } = await startGateway({ upstreamUrl, authUrl, env: SESSIONS });
    return { url, pid: child.pid, stop: () => child.stop('SIGINT') };
  },
};

/** The cookie of a session that was signed in as the form does it. */
async function sessionCookie(url: string): Promise<string> {
  const answer = await fetch(`${url}/mlflow/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ key: GOOD_KEY }),
  });
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
  if (cookie === undefined) throw new Error(`no session: ${answer.status}`);
  return cookie;
}

export const gatewaySession: Peer = {
  name: 'gateway-session',
  label: 'this gateway, session',
  about: "the same for a browser's session: the key in a sealed cookie that was opened before",
  needs,
  checksKeys: true,
  async start({ upstreamUrl, authUrl }) {
    const { url, child } = await startGateway({ upstreamUrl, authUrl, env: SESSIONS });
    const headers = { cookie: await sessionCookie(url), 'sec-fetch-site': 'same-origin' };
    return { url, pid: child.pid, mount: '/mlflow', headers, stop: () => child.stop('SIGINT') };
  },
};
