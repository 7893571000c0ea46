import 'reflect-metadata';
import { runProgram } from '../platform/run-program.js';
import { runMigrate } from './storage/migrate.command.js';
import { startKeyService } from './key-service.app.js';

const [command, ...args] = process.argv.slice(2);
if (command === 'migrate')
  process.exitCode = await runMigrate(args, process.env, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
else await runProgram(() => startKeyService(process.env));
