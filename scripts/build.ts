/** Builds `dist/` unless it was built from these very sources. */
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './start/build.ts';
import { say, StartError } from './start/terminal.ts';

try {
  await buildIfStale(fileURLToPath(new URL('..', import.meta.url)));
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
