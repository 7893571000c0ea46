import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { canKeepApart, keepOn, parseProcessorList, processorsOf } from './processors.ts';

describe('processors of a measured program', () => {
  it.each([
    ['0', [0]],
    ['0-1', [0, 1]],
    ['0-2,5,7-8', [0, 1, 2, 5, 7, 8]],
    ['', []],
  ])('reads %j as Linux lists them', (list, processors) => {
    expect(parseProcessorList(list)).toEqual(processors);
  });

  it('keeps a program on one of them, and leaves ours alone', async () => {
    const before = processorsOf();
    const program = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      await once(program, 'spawn');
      if (!(await canKeepApart())) {
        expect(before.length).toBeLessThan(2);
        return;
      }
      await keepOn(before.slice(-1), program.pid!);
      expect(processorsOf(program.pid)).toEqual(before.slice(-1));
      expect(processorsOf()).toEqual(before);
    } finally {
      program.kill('SIGKILL');
    }
  });
});
