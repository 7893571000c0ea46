/** The part of a lock file that is used here. */
export interface Lock {
  lockfileVersion: number;
  packages: Record<string, LockedPackage>;
}

interface LockedPackage {
  version?: string;
  dev?: boolean;
  devOptional?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/**
 * A lock file for a published program, so that whoever installs it gets the versions that were tested.
 * @param lock the project's own
 * @param manifest of the package that is published
 */
export function publishedLock(
  lock: Lock,
  manifest: { name: string; version: string; dependencies: Record<string, string> },
): Lock {
  const kept = reachable(lock, Object.keys(manifest.dependencies));
  const root = { name: manifest.name, version: manifest.version, dependencies: manifest.dependencies };
  const packages = Object.entries(lock.packages).filter(([path]) => kept.has(path));
  return {
    ...lock,
    ...{ name: manifest.name, version: manifest.version },
    packages: { '': root, ...Object.fromEntries(packages) },
  };
}

/** Paths of the packages that some packages need, themselves included. */
function reachable({ packages }: Lock, names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visit = (from: string, name: string): void => {
    const path = resolve(packages, from, name);
    if (path === undefined || found.has(path)) return;
    found.add(path);
    const { dependencies, optionalDependencies, peerDependencies } = packages[path] ?? {};
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
      visit(path, next);
  };
  for (const name of names) visit('', name);
  return found;
}

/** Where Node would find a package from another one: in the nearest `node_modules`. */
function resolve(packages: Lock['packages'], from: string, name: string): string | undefined {
  for (let place = from; ; place = place.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, '')) {
    const path = `${place === '' ? '' : `${place}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (place === '') return undefined;
  }
}
