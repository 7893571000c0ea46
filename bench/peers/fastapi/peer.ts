import { fileURLToPath } from 'node:url';
import { startChild, workFolder } from '../../lib/children.ts';
import { freePort, untilAnswers } from '../../lib/poll.ts';
import { BENCH_PYTHON } from '../../lib/programs.ts';
import type { Peer, PeerContext, RunningPeer } from '../peer.ts';

const common = { needs: [BENCH_PYTHON, 'redis-server'], redis: true, checksKeys: true } as const;

async function start(context: PeerContext, sharedClient: boolean): Promise<RunningPeer> {
  const port = await freePort();
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const args = ['-m', 'uvicorn', 'app:app', '--app-dir', folder, '--port', String(port), '--workers', '1'];
  const child = startChild(BENCH_PYTHON, args, {
    cwd: workFolder('fastapi'),
    env: {
      UPSTREAM_URL: context.upstreamUrl,
      AUTH_URL: context.authUrl,
      REDIS_URL: context.redisUrl,
      SHARED_CLIENT: sharedClient ? '1' : '0',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/health`, 'the FastAPI proxy', { child, status: 200 });
  return { url, pid: child.pid, stop: () => child.stop('SIGINT') };
}

export const fastapi: Peer = {
  ...common,
  name: 'fastapi',
  label: 'FastAPI + httpx + Redis',
  about:
    'the earlier design: key and limit in Redis, an httpx client for each request, whole bodies, access log',
  start: (context) => start(context, false),
};

export const fastapiShared: Peer = {
  ...common,
  name: 'fastapi-shared',
  label: 'FastAPI, one httpx client',
  about: 'the same with one httpx client for all requests, which the earlier design did not have',
  start: (context) => start(context, true),
};
