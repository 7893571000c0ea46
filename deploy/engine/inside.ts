/** Started by run.ts as the first process of namespaces of its own: what it starts ends with it. */
import { runProgram } from '../../test/support/programs/child-program.ts';
import { CHECKS } from './checks/all.ts';
import { startEngine } from './docker-engine.ts';
import { newSystem } from './system.ts';

const [folder = '', compose = ''] = process.argv.slice(2);
// The pipe closes with run.ts, however that ends.
process.stdin.on('close', () => process.exit(1)).resume();

await runProgram('ip', ['link', 'set', 'lo', 'up']);
const engine = await startEngine({ folder, networks: 'here' });
const system = newSystem(engine, compose, folder);
let passed = 0;
let failed = 0;
for (const { title, run } of CHECKS) {
  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    await run(system);
    passed++;
    console.log(`  ✓ ${title} (${seconds()})`);
  } catch (error) {
    failed = 1;
    console.log(`  ✗ ${title} (${seconds()})\n${(error as Error).stack}`);
    console.log(await system.compose(['ps', '--all']).catch(String));
    console.log(await system.compose(['logs', '--tail', '15']).catch(String));
    // What follows stands on it.
    break;
  }
}
console.log(`${passed} passed, ${failed} failed`);
await system.compose(['down', '--volumes', '--timeout', '1']).catch(() => '');
await engine.stop();
process.exit(failed);
