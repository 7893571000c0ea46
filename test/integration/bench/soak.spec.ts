import { startProgram } from '../../support/child-program.js';

const TWENTY_SECONDS_IN_MINUTES = '0.33';

describe('the soak, in short', () => {
  it('answers every request rightly while parts are paused and killed, and every counter adds up', async () => {
    const args = ['bench/soak.ts', '--minutes', TWENTY_SECONDS_IN_MINUTES, '--workers', '8', '--seed', '1'];
    const soak = startProgram(process.execPath, args);
    const code = await soak.exited;
    // What was wrong stands at the end of the output.
    expect({ code, output: code === 0 ? '' : soak.output().slice(-4000) }).toEqual({ code: 0, output: '' });
  }, 120_000);
});
