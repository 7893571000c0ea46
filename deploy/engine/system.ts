import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../test/support/programs/child-program.ts';
import type { DockerEngine } from './docker-engine.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The system of docker/compose.yml in an engine, as a user on its machine sees it. */
export interface System {
  readonly engine: DockerEngine;
  /** Everything of this run is below it; the copied checkout is `checkout`. */
  readonly folder: string;
  readonly composeProgram: string;
  /** Compose files, profiles and settings of every following command. */
  use(setup: Setup): void;
  compose(args: readonly string[], options?: { timeoutMs?: number }): Promise<string>;
  /** The address that clients use. */
  readonly gatewayUrl: string;
  readonly keyServiceUrl: string;
  /** What a client needs in its environment beside address and key. */
  readonly clientEnv: Record<string, string>;
  /** The line in a file that make-secrets.mjs wrote. */
  secret(name: string): string;
  /** Runs the project's own command line. */
  hokusai(args: readonly string[], env?: Record<string, string>): Promise<string>;
  /** Made by the first check that needs one. */
  apiKey: string;
  /** Id of the run that the first client logged. */
  runId: string;
}

export interface Setup {
  files?: readonly string[];
  profiles?: readonly string[];
  env?: Record<string, string>;
  gatewayUrl?: string;
  clientEnv?: Record<string, string>;
}

export function newSystem(engine: DockerEngine, compose: string, folder: string): System {
  const checkout = join(folder, 'checkout');
  let setup: Setup = {};
  const keyServiceUrl = 'http://127.0.0.1:8000';
  const system: System = {
    engine,
    folder,
    composeProgram: compose,
    keyServiceUrl,
    apiKey: '',
    runId: '',
    get gatewayUrl() {
      return setup.gatewayUrl ?? 'http://127.0.0.1:8001';
    },
    get clientEnv() {
      return setup.clientEnv ?? {};
    },
    use: (next) => (setup = next),
    compose(args, { timeoutMs = 180_000 } = {}) {
      const files = ['compose.yml', ...(setup.files ?? [])].flatMap((name) => ['-f', `docker/${name}`]);
      const profiles = (setup.profiles ?? []).flatMap((name) => ['--profile', name]);
      return runProgram(compose, [...files, ...profiles, ...args], {
        cwd: checkout,
        timeoutMs,
        env: { ...engine.env, ...setup.env },
      });
    },
    secret: (name) => readFileSync(join(checkout, 'docker/secrets', name), 'utf8').trim(),
    hokusai: (args, env = {}) =>
      runProgram(process.execPath, [join(ROOT, 'scripts/hokusai.mjs'), ...args], {
        cwd: folder,
        timeoutMs: 60_000,
        env: {
          HOME: folder,
          HOKUSAI_AUTH_SERVICE_URL: keyServiceUrl,
          HOKUSAI_ADMIN_TOKEN: system.secret('admin-token'),
          MLFLOW_TRACKING_URI: `${system.gatewayUrl}/api/mlflow`,
          ...setup.clientEnv,
          ...env,
        },
      }),
  };
  return system;
}

/** Every service that runs, with the container of it. */
export async function containers(system: System): Promise<Map<string, string>> {
  const lines = await system.compose(['ps', '--all', '--format', '{{.Service}} {{.ID}}']);
  return new Map(
    lines
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
}

/** What the engine says of a container or an image. */
export async function inspect<T>(system: System, id: string): Promise<T> {
  const [found] = JSON.parse(await system.engine.docker(['inspect', id])) as T[];
  if (found === undefined) throw new Error(`nothing to inspect: ${id}`);
  return found;
}

/** Status of a GET with a key. */
export async function statusOf(url: string, apiKey?: string): Promise<number> {
  const headers: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
  await answer.arrayBuffer();
  return answer.status;
}
