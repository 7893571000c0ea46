import { fileURLToPath } from 'node:url';
import { startChild } from '../../lib/children.ts';
import { freePort, untilAnswers } from '../../lib/poll.ts';
import { MOUNT, type Peer } from '../peer.ts';

export const nodeUndici: Peer = {
  name: 'node-undici',
  label: 'Node and undici alone',
  about: 'what the gateway stands on and nothing else: no keys, no limits, no log, no metrics, no framework',
  needs: [],
  checksKeys: false,
  async start({ upstreamUrl }) {
    const port = await freePort();
    const script = fileURLToPath(new URL('server.ts', import.meta.url));
    const child = startChild(process.execPath, [script, String(port), upstreamUrl]);
    const url = `http://127.0.0.1:${port}`;
    await untilAnswers(url + MOUNT, 'Node and undici', { child });
    return { url, pid: child.pid, stop: () => child.stop() };
  },
};
