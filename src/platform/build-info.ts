import { readFileSync } from 'node:fs';
import { Gauge, type Registry } from 'prom-client';
import type { ServerConfig } from './config/server.config.js';

/** Which build of the program runs. */
export interface BuildInfo {
  /** Of package.json. */
  readonly version: string;
  /** `unknown` if the build did not set it. */
  readonly commit: string;
}

const PACKAGE = new URL('../../package.json', import.meta.url);

export function buildInfo({ buildCommit }: ServerConfig): BuildInfo {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  return { version, commit: buildCommit };
}

/** `build_info`, always 1: joined with other metrics it tells the replicas of two versions apart. */
export function registerBuildInfo(registry: Registry, { version, commit }: BuildInfo): void {
  new Gauge({
    name: 'build_info',
    help: 'Always 1; the version and the commit that the program was built from are its labels',
    labelNames: ['version', 'commit'],
    registers: [registry],
  }).set({ version, commit }, 1);
}
