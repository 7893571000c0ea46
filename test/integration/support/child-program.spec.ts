import { jest } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  isRunning,
  runProgram,
  startProgram,
  type ChildProgram,
  type ProgramOptions,
} from '../../support/programs/child-program.js';
import { eventually } from '../../support/lib/eventually.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

const NEVER_ENDS = 'setInterval(() => {}, 1000);';
const DEAF = `for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => {}); console.log('up', process.pid); ${NEVER_ENDS}`;
const FAMILY = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(DEAF)}], { stdio: 'inherit' }); ${NEVER_ENDS}`;

const node = (code: string, options: ProgramOptions = {}): ChildProgram =>
  startProgram(process.execPath, ['-e', code], options);
const pidSaid = (program: ChildProgram): Promise<number> =>
  eventually(() => Number(/up (\d+)/.exec(program.output())?.[1] ?? 0) || false, { program });

describe('a program that a test started', () => {
  let dir: TempDir;

  beforeAll(async () => {
    dir = await tempDir('child-program');
  });
  afterAll(() => dir?.remove());

  it('has nothing of the environment but PATH and HOME, and reads its input', async () => {
    const code = `process.stdin.on('data', (data) => console.log(String(data), Object.keys(process.env).sort().join()))`;
    const program = node(code, { env: { ONE: '1' }, input: 'given' });
    await expect(program.exited).resolves.toBe(0);
    expect(program.output()).toBe('given HOME,ONE,PATH\n');
  });

  it.each(['in memory', 'in a file'])('has both its streams kept %s', async (where) => {
    const logFile = join(dir.path, 'output');
    const code = `console.log('one'); console.error('two'); process.exitCode = 3;`;
    const program = node(code, where === 'in a file' ? { logFile } : {});
    await expect(program.exited).resolves.toBe(3);
    expect(program.output().split('\n').sort()).toEqual(['', 'one', 'two']);
    expect(existsSync(logFile) && readFileSync(logFile, 'utf8')).toBe(
      where === 'in a file' ? 'one\ntwo\n' : false,
    );
  });

  it('that is not there ends like one that fails, says so, and nothing is signalled in its place', async () => {
    const program = startProgram('/no/such/program', []);
    const kill = jest.spyOn(program.child, 'kill');
    await expect(program.stop()).resolves.toBe(127);
    expect(kill).not.toHaveBeenCalled();
    expect(program.output()).toContain('ENOENT');
    expect(program.isOver()).toBe(true);
  });

  it('is killed after the grace where it does not listen, also while it is paused', async () => {
    const program = node(DEAF);
    await pidSaid(program);
    program.child.kill('SIGSTOP');
    await expect(program.stop('SIGTERM', 200)).resolves.toBe('SIGKILL');
    await expect(program.stop()).resolves.toBe('SIGKILL');
  });

  it('as the leader of its group takes all that it started with it', async () => {
    const program = node(FAMILY, { detached: true, logFile: join(dir.path, 'family') });
    const pid = await pidSaid(program);
    await program.stop('SIGTERM');
    await eventually(() => !isRunning(pid));
  });

  it('that fails is an error with the end of what it said, and one that takes too long is ended', async () => {
    const failing = runProgram(process.execPath, ['-e', `console.log('because'); process.exitCode = 2`]);
    await expect(failing).rejects.toThrow(`${process.execPath} ended with 2: because\n`);
    const endless = runProgram(process.execPath, ['-e', NEVER_ENDS], { timeoutMs: 100 });
    await expect(endless).rejects.toThrow('ended with SIGKILL');
  });

  it('that has ended is not waited for', async () => {
    const program = node(`console.log('because'); process.exitCode = 2`);
    await expect(eventually(() => false, { what: 'a thing', program })).rejects.toThrow(
      'a thing: ended with 2: because\n',
    );
  });
});

describe('a process of the bench', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'leaves neither programs nor folders behind after %s',
    async (signal) => {
      const children = fileURLToPath(new URL('../../../bench/lib/children.ts', import.meta.url));
      const program = startProgram(process.execPath, [
        '--input-type=module',
        '-e',
        `import { cleanUpAtExit, runProgram, startChild, workFolder } from ${JSON.stringify(children)};
       cleanUpAtExit();
       const family = startChild(process.execPath, ['-e', ${JSON.stringify(FAMILY)}]);
       void runProgram(process.execPath, ['-e', ${JSON.stringify(NEVER_ENDS)}]).catch(() => {});
       while (!family.output().includes('up')) await new Promise((resolve) => setTimeout(resolve, 20));
       console.log(family.output(), family.pid, 'in', workFolder('test'));`,
      ]);
      const grandchild = await pidSaid(program);
      const said = () => /(\d+) in (.+)\n/.exec(program.output());
      const [, leader, folder = ''] = await eventually(said, { program });
      expect(existsSync(folder)).toBe(true);
      await expect(program.stop(signal)).resolves.toBe(signal === 'SIGINT' ? 130 : 143);
      await eventually(() => !isRunning(grandchild) && !isRunning(Number(leader)));
      expect(existsSync(folder)).toBe(false);
    },
  );
});
