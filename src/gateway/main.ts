import 'reflect-metadata';
import { runProgram } from '../platform/run-program.js';
import { startGateway } from './gateway.app.js';

await runProgram(() => startGateway(process.env));
