import { parseArgs } from 'node:util';
import type { BenchOptions } from '../sections/section.ts';

export interface BenchArguments extends BenchOptions {
  /** Sections to run; empty: all. */
  only: readonly string[];
  /** Whether README.md is written. */
  write: boolean;
  profile: boolean;
  /** The profiled gateway shares its limits through Redis. */
  redis: boolean;
  /** No section starts after this many minutes. */
  maxMinutes: number;
}

export const USAGE = `usage: npm run bench -- [options]
  --only a,b        sections: cached, redis, session, traces, grants, latency, mlflow, artifacts, distinct-keys, key-service, console,
                    shared-parts, searches
  --peers a,b       in cached and redis: these peers alone, such as gateway,nginx
  --rounds n        visits to every peer (3)
  --seconds n       length of one visit (5)
  --full            5 GiB artifacts and 1,000,000 distinct keys, in place of 1 GiB and 100,000; 50 minutes at most
  --gib n           size of the artifact
  --keys n          distinct keys sent to the gateway
  --stored-keys n   keys in the key service's table (1,000,000)
  --max-minutes n   no section starts after that (20)
  --no-write        print, and leave README.md as it is
  --profile         where the gateway's time goes, by function; with --redis: limits shared through Redis`;

/** @throws TypeError where an option is unknown or no number */
export function parseBenchArguments(args: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      full: { type: 'boolean', default: false },
      gib: { type: 'string' },
      keys: { type: 'string' },
      'stored-keys': { type: 'string' },
      'max-minutes': { type: 'string' },
      'no-write': { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      redis: { type: 'boolean', default: false },
    },
  });
  const number = (name: keyof typeof values, otherwise: number): number => {
    const text = values[name];
    const value = text === undefined ? otherwise : Number(text);
    if (!(value > 0)) throw new TypeError(`--${name} must be a number above 0`);
    return value;
  };
  const list = (text: string | undefined): string[] => (text ?? '').split(',').filter(Boolean);
  return {
    only: list(values.only),
    peers: list(values.peers),
    rounds: Math.ceil(number('rounds', 3)),
    seconds: Math.ceil(number('seconds', 5)),
    artifactBytes: Math.round(number('gib', values.full ? 5 : 1) * 2 ** 30),
    distinctKeys: Math.round(number('keys', values.full ? 1_000_000 : 100_000)),
    storedKeys: Math.round(number('stored-keys', 1_000_000)),
    maxMinutes: number('max-minutes', values.full ? 50 : 20),
    write: !values['no-write'],
    profile: values.profile,
    redis: values.redis,
  };
}
