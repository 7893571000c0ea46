#!/usr/bin/env node
import { processIo } from './io/cli-io.js';
import { run } from './program.js';

// A reader that closes the pipe, such as `head`, is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await run(process.argv.slice(2), processIo());
