import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { startProgram } from '../../test/support/programs/child-program.ts';
import { MLFLOW_PYTHON, ROOT } from './programs.ts';

const PACKAGES = ['@nestjs/core', 'http-proxy-middleware', 'undici'] as const;

/** First match of a pattern in what a program says about itself, on either stream. */
async function said(pattern: RegExp, command: string, ...args: string[]): Promise<string | undefined> {
  const program = startProgram(command, args);
  await program.exited;
  return pattern.exec(program.output())?.[1];
}

/** What was measured with, in one line: versions and number of processors; nothing that names a machine. */
export async function versionLine(): Promise<string> {
  const programs: [string, Promise<string | undefined>][] = [
    ['nginx', said(/nginx\/([\d.]+)/, 'nginx', '-v')],
    ['HAProxy', said(/version ([\d.]+)/, 'haproxy', '-v')],
    ['Caddy', said(/v?(\d+\.\d+\.\d+)/, 'caddy', 'version')],
    ['Redis', said(/v=([\d.]+)/, 'redis-server', '--version')],
    ['wrk', said(/wrk (?:debian\/)?([\d.]+)/, 'wrk', '-v')],
    [
      'MLflow',
      said(/^(\d[\w.]+)/m, MLFLOW_PYTHON, '-c', 'import importlib.metadata as m; print(m.version("mlflow"))'),
    ],
  ];
  const parts = [`${cpus().length} processors`, `Node ${process.versions.node}`];
  for (const name of PACKAGES) {
    const manifest = readFileSync(`${ROOT}/node_modules/${name}/package.json`, 'utf8');
    parts.push(`${name} ${(JSON.parse(manifest) as { version: string }).version}`);
  }
  for (const [name, version] of programs) if (await version) parts.push(`${name} ${await version}`);
  return parts.join(', ');
}
