import { startChild, workFolder } from '../../lib/children.ts';
import { freePort, untilAnswers } from '../../lib/poll.ts';
import { fillFile } from '../../lib/template.ts';
import { nginxUser } from '../../parts/backend.ts';
import { hostOf, type Peer } from '../peer.ts';

export const nginx: Peer = {
  name: 'nginx',
  label: 'nginx',
  about: '`auth_request` with answers cached per key, `limit_req` per key, buffered access log, no metrics',
  needs: ['nginx'],
  checksKeys: true,
  async start({ upstreamUrl, authUrl }) {
    const [port, dir] = [await freePort(), workFolder('nginx')];
    const values = {
      DIR: dir,
      USER: nginxUser(),
      PORT: port,
      UPSTREAM: hostOf(upstreamUrl),
      AUTH: hostOf(authUrl),
    };
    fillFile(new URL('nginx.conf', import.meta.url), `${dir}/nginx.conf`, values);
    const child = startChild('nginx', ['-p', dir, '-e', 'stderr', '-c', `${dir}/nginx.conf`]);
    const url = `http://127.0.0.1:${port}`;
    await untilAnswers(url, 'nginx', { child });
    return { url, pid: child.pid, stop: () => child.stop() };
  },
};
