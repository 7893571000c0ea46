import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runProgram, startProgram, type ChildProgram } from '../../test/support/programs/child-program.ts';
import { eventually } from '../../test/support/lib/eventually.ts';
import { explainEngineFailure } from './engine-failure.ts';
import { inNamespaces } from './namespaces.ts';

const MAX_OPEN_FILES = 20_000;
const START_TIMEOUT_MS = 60_000;

export interface DockerEngine {
  /** What a client needs in its environment. */
  readonly env: Record<string, string>;
  /** Runs `docker` and returns what it said. */
  docker(args: readonly string[], options?: { timeoutMs?: number; input?: string }): Promise<string>;
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** Everything of the engine is below it. */
  folder: string;
  /**
   * Where bridges and packet filter rules are made: nowhere, as containers have no networks; in a network namespace that ends
   * with the engine; or in the one of this process, which must have its own.
   */
  networks: 'none' | 'own' | 'here';
}

/** The environment by which a Docker client finds the engine of a folder, and nothing of the user's own settings. */
export function engineEnv(folder: string): Record<string, string> {
  return {
    DOCKER_HOST: `unix://${folder}/docker.sock`,
    DOCKER_CONFIG: `${folder}/client`,
    DOCKER_BUILDKIT: '0',
  };
}

/**
 * Starts Debian's `dockerd` with a data root, socket and control groups of its own. Its processes live in a process
 * namespace of their own, whose end takes containers and mounts with it.
 *
 * @throws Error where it does not start: with the end of its log, why, and what helps
 */
export async function startEngine({ folder, networks }: EngineOptions): Promise<DockerEngine> {
  const config = join(folder, 'daemon.json');
  mkdirSync(join(folder, 'client'), { recursive: true });
  const openFiles = Math.min(MAX_OPEN_FILES, openFilesAllowed());
  writeFileSync(
    config,
    JSON.stringify({
      hosts: [`unix://${folder}/docker.sock`],
      'data-root': `${folder}/data`,
      'exec-root': `${folder}/exec`,
      pidfile: `${folder}/docker.pid`,
      'storage-driver': 'overlay2',
      'cgroup-parent': `/${basename(folder)}`,
      'default-ulimits': { nofile: { Name: 'nofile', Soft: openFiles, Hard: openFiles } },
      ...(networks === 'none' && { bridge: 'none', iptables: false, 'ip-forward': false, 'ip-masq': false }),
    }),
  );
  const dockerd = ['dockerd', '--config-file', config] as const;
  const [command, ...args] =
    networks === 'here' ? dockerd : inNamespaces(folder, dockerd, networks === 'own');
  const daemon = startProgram(command, args, { detached: true, logFile: `${folder}/dockerd.log` });
  const engine = clientOf(folder, daemon);
  const options = { what: 'dockerd', program: daemon, timeoutMs: START_TIMEOUT_MS, intervalMs: 200 };
  await eventually(async () => (await engine.docker(['version'])) !== '', options).catch(
    async (error: unknown) => {
      await engine.stop();
      throw new Error(explainEngineFailure(daemon.output()), { cause: error });
    },
  );
  return engine;
}

/** Above the limit of this process a container could not be started. */
function openFilesAllowed(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/^Max open files +\S+ +(\d+)/m.exec(limits)?.[1] ?? MAX_OPEN_FILES);
}

function clientOf(folder: string, daemon: ChildProgram): DockerEngine {
  const env = engineEnv(folder);
  return {
    env,
    docker: (args, options = {}) => runProgram('docker', args, { timeoutMs: 300_000, ...options, env }),
    async stop() {
      await daemon.stop('SIGTERM', 30_000);
    },
  };
}
