import { fileURLToPath } from 'node:url';
import { startProgram } from '../../support/programs/child-program.js';
import { eventually } from '../../support/lib/eventually.js';

const MODULE = fileURLToPath(new URL('../../support/lib/eventually.ts', import.meta.url));

it('gives up when the time is over, and says what was waited for, and why it was not yet', async () => {
  const waiting = eventually(() => Promise.reject(new Error('not yet')), {
    timeoutMs: 30,
    intervalMs: 1,
    what: 'the moon',
  });
  await expect(waiting).rejects.toMatchObject({
    message: 'the moon did not come true within 30 ms',
    cause: new Error('not yet'),
  });
});

it('does not count the time in which the machine let this process stand still', async () => {
  const polls = `import { eventually } from ${JSON.stringify(MODULE)};
    let polls = 0;
    console.log('begun');
    await eventually(() => ++polls === 20, { timeoutMs: 1000, intervalMs: 20 });
    console.log('came true');`;
  const program = startProgram(process.execPath, ['--input-type=module', '-e', polls]);
  await eventually(() => program.output().includes('begun'));
  program.child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 1200));
  program.child.kill('SIGCONT');
  await expect(program.exited).resolves.toBe(0);
  expect(program.output()).toContain('came true');
});

it('counts the time in which this process computes: a server in it that blocks is late', async () => {
  const busy = setInterval(() => {
    const untilMs = performance.now() + 200;
    while (performance.now() < untilMs);
  }, 1);
  let polls = 0;
  const waiting = eventually(() => ++polls === 20, { timeoutMs: 500, intervalMs: 20 });
  await expect(waiting).rejects.toThrow('did not come true within 500 ms');
  clearInterval(busy);
});
