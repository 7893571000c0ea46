/** A run that ends as its argument says: `done`, `broken`, or `waits` until it is stopped. Prints its folder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCleanly } from '../../../deploy/engine/clean-run.ts';
import { inNamespaces } from '../../../deploy/engine/namespaces.ts';
// As the runs do: it has an answer to signals of its own.
import '../../../scripts/prepare/system-packages.mjs';
import { runProgram } from '../../support/programs/child-program.ts';

const [how] = process.argv.slice(2);

process.exitCode = await runCleanly({
  name: 'clean-run',
  async work(folder) {
    writeFileSync(join(folder, 'file'), 'of the run');
    console.log(folder);
    if (how === 'broken') throw new Error('it is broken');
    if (how === 'done') return 3;
    // What a kubelet does, and a program that hears no signal but SIGKILL.
    const script = 'touch /run/made-by-a-clean-run && trap "" INT TERM && sleep 600 & wait';
    const [command, ...args] = inNamespaces(folder, ['sh', '-c', script], true);
    await runProgram(command, args, { timeoutMs: 600_000, detached: true });
    return 0;
  },
  cleanUp: async () => console.log('cleaned up'),
});
