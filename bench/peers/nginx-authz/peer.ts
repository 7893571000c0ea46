import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { startChild, workFolder } from '../../lib/children.ts';
import { freePort, untilAnswers } from '../../lib/poll.ts';
import { nginxUser } from '../../parts/backend.ts';
import { startGateway } from '../../parts/gateway.ts';
import { hostOf, type Peer } from '../peer.ts';

const SITE = new URL('../../../deploy/edge/authz/nginx.conf', import.meta.url);
const TEMP = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export const nginxAuthz: Peer = {
  name: 'nginx-authz',
  label: 'nginx, decided by this gateway',
  about:
    'deploy/edge/authz/nginx.conf as it is: `auth_request` to /authz, decisions cached for one second, no access log of its own',
  needs: [process.execPath, 'nginx'],
  checksKeys: true,
  async start({ upstreamUrl, authUrl }) {
    const env = { TRUSTED_PROXY_HOPS: '1', AUTHZ_TRUSTED_PEERS: '127.0.0.1' };
    const gateway = await startGateway({ upstreamUrl, authUrl, env });
    const [port, dir] = [await freePort(), workFolder('nginx-authz')];
    mkdirSync(`${dir}/temp`, { recursive: true });
    const site = readFileSync(SITE, 'utf8')
      .replaceAll('127.0.0.1:8001', hostOf(gateway.url))
      .replaceAll('127.0.0.1:5000', hostOf(upstreamUrl))
      .replace('listen 8080;', `listen 127.0.0.1:${port};`)
      .replaceAll('/dev/shm/nginx-authz', `${dir}/authz`);
    writeFileSync(`${dir}/site.conf`, site);
    const temp = TEMP.map((name) => `${name}_temp_path ${dir}/temp;`).join('\n');
    writeFileSync(
      `${dir}/nginx.conf`,
      `daemon off;\nworker_processes 1;\npid ${dir}/nginx.pid;\n${nginxUser()}\nevents { worker_connections 4096; }\n` +
        `http {\naccess_log off;\nkeepalive_requests 1000000000;\n${temp}\ninclude ${dir}/site.conf;\n}\n`,
    );
    const child = startChild('nginx', ['-p', dir, '-e', 'stderr', '-c', `${dir}/nginx.conf`]);
    const url = `http://127.0.0.1:${port}`;
    await untilAnswers(url, 'nginx', { child });
    return {
      url,
      pid: child.pid,
      stop: () => Promise.all([child.stop(), gateway.child.stop('SIGINT')]),
    };
  },
};
