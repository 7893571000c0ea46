import { startProgram } from '../../support/programs/child-program.js';
import { packedPrograms } from '../../support/programs/packed-programs.js';
import { isFullRun } from '../../support/run/full-run.js';

const TWENTY_SECONDS_IN_MINUTES = '0.33';
/** Every kind of request meets every fault with these, too. */
const WORKERS = isFullRun ? '8' : '4';

/** Exit code, and what was wrong, which stands at the end of the output. */
async function soak(...args: string[]): Promise<{ code: number | string; output: string }> {
  const all = ['bench/soak.ts', '--minutes', TWENTY_SECONDS_IN_MINUTES, '--no-write', ...args];
  const program = startProgram(process.execPath, all, { env: { BENCH_DIST: await packedPrograms() } });
  const code = await program.exited;
  return { code, output: code === 0 ? '' : program.output().slice(-4000) };
}

describe('the soak, in short', () => {
  it('answers every request rightly while parts are paused and killed, and every counter adds up', async () => {
    const outcome = await soak('--only', 'mixed', '--workers', WORKERS, '--seed', '1');
    expect(outcome).toEqual({ code: 0, output: '' });
  }, 120_000);

  it('keeps its promises to everybody else while it is attacked', async () => {
    const outcome = await soak('--only', 'attacks', '--expiring', '1000');
    expect(outcome).toEqual({ code: 0, output: '' });
  }, 180_000);
});
