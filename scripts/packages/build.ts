import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildSdk } from '../build-sdk.ts';
import { closureOf } from './closure.ts';
import { packageReadme } from './readme.ts';
import { publishedLock, type Lock } from './lock.ts';

interface Project {
  version: string;
  license: string;
  engines: Record<string, string>;
  dependencies: Record<string, string>;
}

interface Program {
  /** Folder below the target. */
  readonly folder: string;
  readonly name: string;
  readonly description: string;
  readonly keywords: readonly string[];
  /** Files where the built program begins, below `dist/`. */
  readonly entries: readonly string[];
  /** Folders below `dist/` that are read as files, and not imported. */
  readonly folders: readonly string[];
  /** Files of the project beside the build. */
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
  /** Packages that Nest loads by name, where it finds them. */
  readonly implied: readonly string[];
  readonly readme: string;
}

const COMMON_FILES = ['LICENSE', 'CHANGELOG.md', 'SECURITY.md'];

const PROGRAMS: readonly Program[] = [
  {
    folder: 'mlflow-gateway',
    name: 'mlflow-gateway',
    description:
      'API keys, rate limits and an audit trail in front of an unmodified MLflow, with a reference key service',
    keywords: ['mlflow', 'gateway', 'api-keys', 'rate-limit', 'proxy'],
    entries: ['gateway/main.js', 'key-service/main.js', 'cli/main.js'],
    folders: ['console'],
    files: [
      'scripts/mlflow-gateway.mjs',
      'scripts/mlflow-key-service.mjs',
      'scripts/server-command.mjs',
      'scripts/hokusai.mjs',
      'UPGRADING.md',
    ],
    bin: {
      'mlflow-gateway': 'scripts/mlflow-gateway.mjs',
      'mlflow-key-service': 'scripts/mlflow-key-service.mjs',
      hokusai: 'scripts/hokusai.mjs',
    },
    implied: [
      '@nestjs/platform-express',
      'class-transformer',
      'class-validator',
      'reflect-metadata',
      'rxjs',
      'axios',
    ],
    readme: 'README.md',
  },
  {
    folder: 'cli',
    name: '@hokusai/cli',
    description: 'The hokusai command: API keys for MLflow behind the Hokusai gateway',
    keywords: ['mlflow', 'api-keys', 'cli'],
    entries: ['cli/main.js'],
    folders: [],
    files: ['scripts/hokusai.mjs'],
    bin: { hokusai: 'scripts/hokusai.mjs' },
    implied: [],
    readme: 'docs/cli.md',
  },
];

/**
 * Builds what a release publishes, one folder each, from `dist/`: the servers with the command, the command alone, and
 * the SDK. Their version is the project's.
 */
export async function buildPackages(root: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  for (const program of PROGRAMS) await buildProgram(root, join(target, program.folder), program);
  await buildSdk(join(target, 'mlflow-sdk'));
}

async function buildProgram(root: string, target: string, program: Program): Promise<void> {
  const project = await readJson<Project>(join(root, 'package.json'));
  const { files, packages } = closureOf(join(root, 'dist'), program.entries);
  const copy = async (from: string, to = from): Promise<void> => {
    await mkdir(dirname(join(target, to)), { recursive: true });
    await cp(join(root, from), join(target, to), { recursive: true });
  };
  for (const path of [...files, ...program.folders]) await copy(`dist/${path}`);
  for (const file of [...program.files, ...COMMON_FILES]) await copy(file);
  const readme = packageReadme(await readFile(join(root, program.readme), 'utf8'));
  await writeFile(join(target, 'README.md'), readme);
  const manifest = {
    name: program.name,
    version: project.version,
    description: program.description,
    license: project.license,
    keywords: program.keywords,
    type: 'module',
    bin: program.bin,
    engines: project.engines,
    dependencies: versionsOf(project, [...packages, ...program.implied]),
  };
  await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const lock = await readJson<Lock>(join(root, 'package-lock.json'));
  await writeFile(
    join(target, 'npm-shrinkwrap.json'),
    `${JSON.stringify(publishedLock(lock, manifest), null, 2)}\n`,
  );
}

/** @throws Error naming a package that the program imports and package.json does not list */
function versionsOf({ dependencies }: Project, names: readonly string[]): Record<string, string> {
  const unique = [...new Set(names)].sort();
  const missing = unique.filter((name) => !(name in dependencies));
  if (missing.length > 0) throw new Error(`package.json does not list: ${missing.join(', ')}`);
  return Object.fromEntries(unique.map((name) => [name, dependencies[name] as string]));
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}
