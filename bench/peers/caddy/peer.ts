import { startChild, workFolder } from '../../lib/children.ts';
import { freePort, untilAnswers } from '../../lib/poll.ts';
import { fillFile } from '../../lib/template.ts';
import { hostOf, type Peer } from '../peer.ts';

export const caddy: Peer = {
  name: 'caddy',
  label: 'Caddy',
  about:
    '`forward_auth`, which asks the auth service every time, access log, `GOMAXPROCS=1`; it has no limit built in',
  needs: ['caddy'],
  checksKeys: true,
  async start({ upstreamUrl, authUrl }) {
    const [port, dir] = [await freePort(), workFolder('caddy')];
    const values = { DIR: dir, PORT: port, UPSTREAM: hostOf(upstreamUrl), AUTH: hostOf(authUrl) };
    fillFile(new URL('Caddyfile', import.meta.url), `${dir}/Caddyfile`, values);
    const child = startChild('caddy', ['run', '--config', `${dir}/Caddyfile`, '--adapter', 'caddyfile'], {
      env: { GOMAXPROCS: '1', XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
    });
    const url = `http://127.0.0.1:${port}`;
    await untilAnswers(url, 'Caddy', { child });
    return { url, pid: child.pid, stop: () => child.stop() };
  },
};
