import { fileURLToPath } from 'node:url';
import { startChild, workFolder, type ChildProgram } from '../lib/children.ts';
import { freePort, untilAnswers } from '../lib/poll.ts';
import { fillFile } from '../lib/template.ts';
import { hasProgram } from '../lib/programs.ts';

/** The same two servers behind every peer. */
export interface Backend {
  readonly upstreamUrl: string;
  readonly authUrl: string;
  /** Whether it is nginx, which alone is fast enough to measure against. */
  readonly fast: boolean;
  stop(): Promise<unknown>;
}

/** A key that the backend's auth service says yes to, and one that it refuses. */
export const GOOD_KEY = `hk_live_${'benchKey'.repeat(4)}`;
/** Keys with the scopes of what is asked for: one without grants, one with the experiment of all runs granted. */
export const SCOPED_KEY = `hk_live_scope${'K'.repeat(27)}`;
export const GRANTED_KEY = `hk_live_grant${'K'.repeat(27)}`;
export const BAD_KEY = 'hk_live_refused';

/** @param port of the upstream; a free one by default */
export async function startBackend(port?: number): Promise<Backend> {
  const [upstreamPort, authPort] = [port ?? (await freePort()), await freePort()];
  const fast = await hasProgram('nginx');
  const child = fast ? startNginx(upstreamPort, authPort) : startNode(upstreamPort, authPort);
  const [upstreamUrl, authUrl] = [`http://127.0.0.1:${upstreamPort}`, `http://127.0.0.1:${authPort}`];
  await untilAnswers(upstreamUrl, 'the upstream', { child });
  await untilAnswers(authUrl, 'the auth service', { child });
  return { upstreamUrl, authUrl, fast, stop: () => child.stop() };
}

function startNginx(upstreamPort: number, authPort: number): ChildProgram {
  const dir = workFolder('backend');
  const values = { DIR: dir, USER: nginxUser(), UPSTREAM_PORT: upstreamPort, AUTH_PORT: authPort };
  fillFile(new URL('backend.nginx.conf', import.meta.url), `${dir}/nginx.conf`, values);
  return startChild('nginx', ['-p', dir, '-e', 'stderr', '-c', `${dir}/nginx.conf`]);
}

function startNode(upstreamPort: number, authPort: number): ChildProgram {
  const script = fileURLToPath(new URL('backend.node.ts', import.meta.url));
  return startChild(process.execPath, [script, String(upstreamPort), String(authPort)]);
}

/** nginx's workers give up root for `nobody`, who may not write our folders: under root they stay root. */
export function nginxUser(): string {
  return process.getuid?.() === 0 ? 'user root;' : '';
}
