import { build } from 'esbuild';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Files below `dist/console/`, as the key service reads them from `manifest.json`. */
export interface ConsoleManifest {
  script: string;
  style: string;
}

/**
 * Bundles what browsers get of the console into `dist/console/`, under names with a digest of their content, so that
 * they may be kept for ever.
 */
export async function buildConsole(root: string): Promise<void> {
  const folder = join(root, 'dist', 'console');
  await rm(folder, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: 'src/console/main.ts', out: 'console' },
      { in: 'src/console/console.css', out: 'console' },
    ],
    entryNames: '[name]-[hash]',
    outdir: folder,
    tsconfig: 'src/console/tsconfig.json',
    bundle: true,
    minify: true,
    format: 'esm',
    // What knows `light-dark()`.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    metafile: true,
    logLevel: 'silent',
  });
  const built = Object.keys(metafile.outputs).map((path) => basename(path));
  const named = (ending: string): string => built.find((name) => name.endsWith(ending)) as string;
  const manifest: ConsoleManifest = { script: named('.js'), style: named('.css') };
  // The terms of what is bundled go with it.
  await copyFile(join(root, 'node_modules/uplot/LICENSE'), join(folder, 'uplot.LICENSE.txt'));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
}
