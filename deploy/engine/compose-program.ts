import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../test/support/programs/child-program.ts';

const MODULE = 'github.com/docker/compose/v2';
const VERSION = 'v2.40.3';
const BUILD_TIMEOUT_MS = 900_000;

/** Docker Compose as a program of its own, built from its Go module once on this machine. */
export async function composeProgram(folder: string, cache: string): Promise<string> {
  const program = join(cache, `docker-compose-${VERSION}`);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const source = join(folder, 'compose');
  mkdirSync(source);
  const go = (args: string[]): Promise<string> =>
    runProgram('go', args, {
      cwd: source,
      timeoutMs: BUILD_TIMEOUT_MS,
      logFile: join(folder, 'compose.log'),
      env: { ...process.env, CGO_ENABLED: '0' },
    });
  await go(['mod', 'init', 'compose']);
  await go(['get', '-tool', `${MODULE}/cmd@${VERSION}`]);
  await go(['build', '-trimpath', '-ldflags', '-s -w', '-o', `${program}.partial`, `${MODULE}/cmd`]);
  renameSync(`${program}.partial`, program);
  return program;
}
