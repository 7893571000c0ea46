/** Reads one environment variable; undefined where it is unset. */
export type ReadEnv = (name: string) => string | undefined;

interface Runtime {
  process?: { env?: Record<string, string | undefined> };
  Deno?: { env?: { get(name: string): string | undefined } };
}

/**
 * Environment variables where the runtime has any: Node, Bun, Deno. In a browser, and in Deno without the
 * permission, there are none. An empty variable counts as unset.
 */
export const readRuntimeEnv: ReadEnv = (name) => {
  const runtime = globalThis as Runtime;
  try {
    return (runtime.Deno?.env?.get(name) ?? runtime.process?.env?.[name])?.trim() || undefined;
  } catch {
    return undefined;
  }
};

/** Whether this is a browser page or worker, where uploads cannot be streamed over HTTP/1.1. */
export function isBrowser(): boolean {
  const scope = globalThis as { document?: unknown; importScripts?: unknown };
  return scope.document !== undefined || typeof scope.importScripts === 'function';
}
