import 'reflect-metadata';
import { runProgram } from '../platform/run-program.js';
import { startKeyService } from './key-service.app.js';

await runProgram(() => startKeyService(process.env));
