import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, startProgram, type ChildProgram } from '../../test/support/child-program.ts';
import { eventually } from '../../test/support/eventually.ts';
import { explainEngineFailure } from './engine-failure.ts';

const MAX_OPEN_FILES = 20_000;
const START_TIMEOUT_MS = 60_000;
const CGROUPS = '/sys/fs/cgroup';

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
      'cgroup-parent': cgroupOf(folder),
      'default-ulimits': { nofile: { Name: 'nofile', Soft: openFiles, Hard: openFiles } },
      ...(networks === 'none' && { bridge: 'none', iptables: false, 'ip-forward': false, 'ip-masq': false }),
    }),
  );
  const [command = '', ...args] = [
    ...(networks === 'here' ? [] : ['unshare', ...(networks === 'own' ? ['--net'] : []), ...NAMESPACES]),
    ...['dockerd', '--config-file', config],
  ];
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

/** Processes end with the first of them, and mounts are nobody else's. */
export const NAMESPACES = [
  '--pid',
  '--fork',
  '--kill-child',
  '--mount',
  '--mount-proc',
  '--propagation',
  'private',
];

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

function cgroupOf(folder: string): string {
  return `/${folder.split('/').at(-1)}`;
}

/** Empty control groups outlive an engine that was killed. */
export function removeCgroups(folder: string): void {
  // One tree for each controller, or with version 2 one for all.
  for (const controller of ['', ...listFolders(CGROUPS)]) {
    const path = join(CGROUPS, controller, cgroupOf(folder));
    for (const child of listFolders(path)) tryRemove(join(path, child));
    tryRemove(path);
  }
}

function listFolders(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

function tryRemove(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not there.
  }
}
