import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const FOLDER = new URL('../../../../dist/console/', import.meta.url);

/** Names of the files that pages load; each has a digest of its content in it. */
export interface ConsoleAssets {
  readonly script: string;
  readonly style: string;
}

export interface AssetFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
}

const TYPES: Readonly<Record<keyof ConsoleAssets, string>> = {
  script: 'text/javascript; charset=utf-8',
  style: 'text/css; charset=utf-8',
};

let names: ConsoleAssets | undefined;
const files = new Map<string, AssetFile>();

/** What the build has made; undefined where nothing is built: pages work without. */
export function consoleAssets(): ConsoleAssets | undefined {
  names ??= readNames();
  return names;
}

/** A file that a page loads; undefined for any other name. */
export function assetFile(name: string): AssetFile | undefined {
  const assets = consoleAssets();
  const kind = (['script', 'style'] as const).find((one) => assets?.[one] === name);
  if (kind === undefined) return undefined;
  let file = files.get(name);
  if (!file) {
    const plain = readFileSync(new URL(name, FOLDER));
    files.set(name, (file = { type: TYPES[kind], plain, gzipped: gzipSync(plain, { level: 9 }) }));
  }
  return file;
}

function readNames(): ConsoleAssets | undefined {
  try {
    return JSON.parse(readFileSync(new URL('manifest.json', FOLDER), 'utf8')) as ConsoleAssets;
  } catch {
    return undefined;
  }
}
