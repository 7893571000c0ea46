#!/usr/bin/env node
/** The command that npm puts on the path. In version control, so that it stays executable whoever builds `dist/`. */
import { existsSync } from 'node:fs';

const program = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(program)) await import(program.href);
else {
  process.stderr.write('Error: hokusai is not built yet: run "npm run build" in its folder.\n');
  process.exitCode = 1;
}
