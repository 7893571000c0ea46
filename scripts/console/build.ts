import { build, type Metafile } from 'esbuild';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Names of the files that pages load; the key service reads them from `manifest.json`. */
interface ConsoleManifest {
  script: string;
  style: string;
}

/**
 * Bundles what browsers get of the console, under names with a digest of their content, so that browsers may keep them
 * without a limit.
 *
 * @param folder where it goes; its content is replaced
 * @returns names of the packages in it; the terms of each go along
 */
export async function buildConsole(root: string, folder = join(root, 'dist', 'console')): Promise<string[]> {
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
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const packages = packagesOf(metafile);
  for (const name of packages)
    await copyFile(join(root, 'node_modules', name, 'LICENSE'), join(folder, `${name}.LICENSE.txt`));
  return packages;
}

function packagesOf({ inputs }: Metafile): string[] {
  const names = Object.keys(inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return [...new Set(names)].filter((name) => name !== undefined).sort();
}
