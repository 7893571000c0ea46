/**
 * Builds the npm package of the SDK: ES modules, CommonJS, types for both, and a manifest of its own.
 *
 *     node scripts/build-sdk.ts [output folder, default dist-sdk]
 */
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsc } from './compile.ts';
import { packageReadme } from './packages/readme.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each half says by its nearest manifest which kind of module it is. */
const HALVES = [
  { folder: 'esm', config: 'tsconfig.sdk.json', type: 'module' },
  { folder: 'cjs', config: 'tsconfig.sdk.cjs.json', type: 'commonjs' },
] as const;

/** The manifest that is published; version and licence are the project's own. */
export function sdkManifest(project: { version: string; license: string }): Record<string, unknown> {
  return {
    name: '@hokusai/mlflow-sdk',
    version: project.version,
    description:
      'TypeScript client for MLflow behind the Hokusai gateway, and for its authentication service',
    license: project.license,
    keywords: ['mlflow', 'model-registry', 'experiment-tracking', 'hokusai'],
    type: 'module',
    sideEffects: false,
    // Only what every current browser and runtime has is used; Node before 20 lacks parts of it.
    engines: { node: '>=20' },
    main: './cjs/sdk/index.js',
    module: './esm/sdk/index.js',
    types: './cjs/sdk/index.d.ts',
    exports: {
      '.': {
        import: { types: './esm/sdk/index.d.ts', default: './esm/sdk/index.js' },
        require: { types: './cjs/sdk/index.d.ts', default: './cjs/sdk/index.js' },
      },
      './package.json': './package.json',
    },
    files: ['esm', 'cjs', 'README.md', 'LICENSE'],
  };
}

/** Builds into a folder beside the target and puts it in place whole. */
export async function buildSdk(target: string): Promise<void> {
  const work = `${target}.${process.pid}.tmp`;
  await rm(work, { recursive: true, force: true });
  await Promise.all(
    HALVES.map(async ({ folder, config, type }) => {
      await tsc(['-p', join(root, config), '--outDir', join(work, folder)]);
      await mkdir(join(work, folder), { recursive: true });
      await writeFile(
        join(work, folder, 'package.json'),
        `${JSON.stringify({ type, sideEffects: false })}\n`,
      );
    }),
  );
  const project = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string;
    license: string;
  };
  await writeFile(join(work, 'package.json'), `${JSON.stringify(sdkManifest(project), null, 2)}\n`);
  const page = await readFile(join(root, 'docs/sdk.md'), 'utf8');
  await writeFile(join(work, 'README.md'), packageReadme(page));
  await copyFile(join(root, 'LICENSE'), join(work, 'LICENSE')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(target, { recursive: true, force: true });
  await rename(work, target);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = resolve(process.argv[2] ?? join(root, 'dist-sdk'));
  try {
    await buildSdk(target);
    console.log(`Built ${target}; publish it with: npm publish ${target}`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
