/**
 * The packages of others that tests import, as few files. Jest loads every module anew for each test file: of a package it
 * would search, read and compile hundreds. Loaded by Node itself, from Jest's configuration.
 */
import type { Metafile, Plugin } from 'esbuild';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ABSENT, COMMONJS_NAMES } from '../programs/nest-bundling.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** `npm ci` empties it. */
const CACHE = 'node_modules/.cache/bundled-packages';
/** In a folder of bundles: the files they were made from, from the root of the project, and a digest of what was in them. */
const SOURCES = 'sources.json';
/** The files that say how bundles are made. */
const HOW = [import.meta.url, new URL('../programs/nest-bundling.ts', import.meta.url)].map((one) =>
  fileURLToPath(one),
);
const UNUSED_MS = 24 * 60 * 60 * 1000;
/** Main modules that stay where they are: machine code, a client that few tests load, and one that nothing imports. */
const NOT_BUNDLED = ['bcrypt', '@aws-sdk/client-secrets-manager', '@bufbuild/protobuf'];
/** What is imported beside the main modules of `dependencies`. Any other part of a bundled package is not found. */
const MORE_MODULES = [
  '@bufbuild/protobuf/wire',
  '@nestjs/common/constants.js',
  '@nestjs/testing',
  'preact/jsx-runtime',
  'yaml',
];

/** Which modules of packages to bundle, as they are imported, and the folder with the `node_modules` they are in. */
export interface Bundled {
  readonly root: string;
  readonly modules: readonly string[];
}

/** Jest's `moduleNameMapper` for the packages of this project; makes the bundles if they are not those of what is installed. */
export async function bundledPackages(): Promise<Record<string, string>> {
  const modules = bundledModules();
  const folder = await bundlesOf({ root: ROOT, modules });
  const packages = new Set(modules.map((module) => /^(?:@[^/]+\/)?[^/]+/.exec(module)?.[0]));
  return { [`^((?:${[...packages].join('|')})(?:/.*)?)$`]: join(folder, '$1.mjs') };
}

/** As this project imports them. */
export function bundledModules(): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return [...Object.keys(dependencies).filter((name) => !NOT_BUNDLED.includes(name)), ...MORE_MODULES];
}

/**
 * The folder with a file `<module>.mjs` for each. It is made when npm has installed something else, when what is wanted has
 * changed, and when a file that went into it has other content; none is ever changed, as another run may read it.
 */
export async function bundlesOf({ root: givenRoot, modules }: Bundled): Promise<string> {
  // Two folders can share their packages by a link, and then share the bundles.
  const root = dirname(realpathSync(join(givenRoot, 'node_modules')));
  const cache = join(root, CACHE);
  mkdirSync(cache, { recursive: true });
  const name = keyOf({ root, modules });
  const made = readdirSync(cache).filter((folder) => folder.startsWith(`${name}-`));
  const current = made.map((folder) => join(cache, folder)).find((folder) => isCurrent(root, folder));
  const folder = current ?? (await makeBundles({ root, modules }, cache, name));
  utimesSync(folder, new Date(), new Date());
  return folder;
}

async function makeBundles({ root, modules }: Bundled, cache: string, name: string): Promise<string> {
  removeUnused(cache);
  const fresh = mkdtempSync(join(cache, 'making-'));
  const inputs = await bundle({ root, modules }, fresh);
  const digest = digestOf(root, inputs);
  writeFileSync(join(fresh, SOURCES), JSON.stringify({ inputs, digest }));
  const folder = join(cache, `${name}-${digest.slice(0, 16)}`);
  // Of runs that start at the same time one is first.
  if (existsSync(folder)) rmSync(fresh, { recursive: true });
  else renameSync(fresh, folder);
  return folder;
}

/** Those that no run of the last day began with. */
function removeUnused(cache: string): void {
  const paths = readdirSync(cache).map((name) => join(cache, name));
  const unused = paths.filter((path) => statSync(path).mtimeMs < Date.now() - UNUSED_MS);
  for (const path of unused) rmSync(path, { recursive: true, force: true });
}

/** Of npm's record of what is installed, of what is wanted, and of the files that say how bundles are made. */
function keyOf({ root, modules }: Bundled): string {
  const hash = createHash('sha256').update(JSON.stringify([modules, process.version]));
  for (const file of [join(root, 'node_modules/.package-lock.json'), ...HOW]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function isCurrent(root: string, folder: string): boolean {
  if (!existsSync(join(folder, SOURCES))) return false;
  const { inputs, digest } = JSON.parse(readFileSync(join(folder, SOURCES), 'utf8')) as {
    inputs: string[];
    digest: string;
  };
  return digestOf(root, inputs) === digest;
}

function digestOf(root: string, inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) {
    const file = join(root, input);
    hash.update(existsSync(file) ? readFileSync(file) : 'is gone').update('\0');
  }
  return hash.digest('hex');
}

/** Writes the bundles into a folder, and says of which files they are made. */
async function bundle({ root, modules }: Bundled, folder: string): Promise<string[]> {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: modules.map((module) => ({ in: `${ENTRY}:${module}`, out: module })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'shared/[hash]',
    bundle: true,
    // A module that two packages use is in a file of its own, and so there is one instance of it.
    splitting: true,
    platform: 'node',
    // Those of Node, without the `module` that bundlers have.
    conditions: ['node'],
    target: 'node24',
    format: 'esm',
    keepNames: true,
    minifyWhitespace: true,
    lineLimit: 200,
    external: ABSENT,
    banner: { js: COMMONJS_NAMES },
    metafile: true,
    plugins: [entries(root)],
    logLevel: 'error',
  });
  return [...filesOf(metafile)].sort();
}

/** With the manifest of each package: it says which file is meant. */
function filesOf({ inputs }: Metafile): Set<string> {
  const files = Object.keys(inputs).filter((input) => !input.startsWith(`${ENTRY}:`));
  const manifests = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(file)?.[0] ?? '');
  return new Set([...files, ...manifests.filter(Boolean).map((folder) => `${folder}package.json`)]);
}

const ENTRY = 'module-of-package';

/**
 * One file for each module that is imported, with the names that Node would give. It takes the module by `require`, and not
 * by `import`: then every module runs when the first asks for it, in Node's order, in whichever file it is.
 */
function entries(root: string): Plugin {
  return {
    name: ENTRY,
    setup(build) {
      build.onResolve({ filter: /^module-of-package:/ }, ({ path }) => ({
        path: path.slice(ENTRY.length + 1),
        namespace: ENTRY,
      }));
      build.onLoad({ filter: /.*/, namespace: ENTRY }, async ({ path: module }) => {
        // A package can have one file for `import` and another for `require`.
        const { path, errors } = await build.resolve(module, { kind: 'import-statement', resolveDir: root });
        return errors.length > 0 ? { errors } : { contents: await entryOf(path), resolveDir: root };
      });
    },
  };
}

async function entryOf(file: string): Promise<string> {
  const names = Object.keys((await import(pathToFileURL(file).href)) as object);
  // Node gives this name to modules that are no ES modules; their default is all they export.
  const isCommonJs = names.includes('module.exports');
  const lines = names
    .filter((name) => name !== 'module.exports' && !(isCommonJs && name === 'default'))
    .map(
      (name, index) =>
        `const name${index} = module[${JSON.stringify(name)}]; export { name${index} as ${name} };`,
    );
  if (isCommonJs) lines.push('export default module;');
  return [`const module = require(${JSON.stringify(file)});`, ...lines].join('\n');
}
