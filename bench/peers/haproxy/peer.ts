import { writeFileSync } from 'node:fs';
import { startChild, workFolder } from '../../lib/children.ts';
import { freePort, untilAnswers } from '../../lib/poll.ts';
import { fillFile } from '../../lib/template.ts';
import { GOOD_KEY } from '../../parts/backend.ts';
import { hostOf, type Peer } from '../peer.ts';

export const haproxy: Peer = {
  name: 'haproxy',
  label: 'HAProxy',
  about:
    'a map file of keys in memory, a stick table as limit, access log; it asks no auth service, so it checks less',
  needs: ['haproxy'],
  checksKeys: true,
  async start({ upstreamUrl }) {
    const [port, dir] = [await freePort(), workFolder('haproxy')];
    writeFileSync(`${dir}/keys.map`, `${GOOD_KEY} key-1\n`);
    const values = { DIR: dir, PORT: port, UPSTREAM: hostOf(upstreamUrl) };
    fillFile(new URL('haproxy.cfg', import.meta.url), `${dir}/haproxy.cfg`, values);
    const child = startChild('haproxy', ['-db', '-f', `${dir}/haproxy.cfg`]);
    const url = `http://127.0.0.1:${port}`;
    await untilAnswers(url, 'HAProxy', { child });
    return { url, pid: child.pid, stop: () => child.stop('SIGINT') };
  },
};
