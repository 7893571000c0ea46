import { fileURLToPath } from 'node:url';
import { startChild } from '../../lib/children.ts';
import { freePort, untilAnswers } from '../../lib/poll.ts';
import type { Peer } from '../peer.ts';

export const plainHpm: Peer = {
  name: 'plain-hpm',
  label: 'http-proxy-middleware',
  about: 'as its documentation mounts it on Express; no keys, no limits, no log',
  needs: [],
  checksKeys: false,
  async start({ upstreamUrl }) {
    const port = await freePort();
    const script = fileURLToPath(new URL('server.ts', import.meta.url));
    const child = startChild(process.execPath, [script, String(port), upstreamUrl], {
      env: { NODE_ENV: 'production' },
    });
    const url = `http://127.0.0.1:${port}`;
    await untilAnswers(url, 'http-proxy-middleware', { child });
    return { url, pid: child.pid, stop: () => child.stop() };
  },
};
