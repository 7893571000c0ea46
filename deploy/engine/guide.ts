import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../test/support/programs/child-program.ts';
import { blocksOf } from '../../test/support/docs/docs-blocks.ts';
import type { System } from './system.ts';

const PAGE = 'docs/deploy-compose.md';
const TIMEOUT_MS = 400_000;

/** Commands of the guide, by a word that stands in one of them alone. */
export const GUIDE = {
  start: 'make-secrets.mjs',
  firstKey: 'create-key',
  monitoring: '--profile monitoring',
  tls: 'compose.tls.yml',
  backup: 'pg_dump',
} as const;

/**
 * Runs the commands of the guide as they stand there, in the copied checkout.
 *
 * @param replaced what stands in angle brackets there → what a reader would write in its place
 */
export function runGuide(
  system: System,
  word: string,
  replaced: Record<string, string> = {},
): Promise<string> {
  const [block, ...others] = blocksOf(PAGE).filter(({ code }) => code.includes(word));
  if (block === undefined || others.length > 0) throw new Error(`${PAGE} has not one block with ${word}`);
  const script = Object.entries(replaced).reduce(
    (text, [from, to]) => text.replaceAll(`<${from}>`, to),
    block.code,
  );
  return runProgram('bash', ['--noprofile', '--norc', '-euo', 'pipefail', '-c', script], {
    cwd: join(system.folder, 'checkout'),
    timeoutMs: TIMEOUT_MS,
    env: { ...system.engine.env, PATH: `${shims(system)}:${process.env['PATH']}` },
  });
}

/** `docker compose` as the guide calls it. The images are there already, and building has no network here. */
function shims(system: System): string {
  const folder = join(system.folder, 'bin');
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  const docker = join(folder, 'docker');
  writeFileSync(
    docker,
    `#!/usr/bin/env bash
shift # compose
words=()
for word in "$@"; do [ "$word" = --build ] || words+=("$word"); done
exec ${system.composeProgram} "\${words[@]}"
`,
  );
  chmodSync(docker, 0o755);
  return folder;
}
