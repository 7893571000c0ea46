import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isRunning, startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { eventually } from '../../support/lib/eventually.js';
import { freshPython, preloadedPart } from '../../support/programs/preloaded-python.js';
import { sharedPart } from '../../support/run/shared-parts.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

/** What a program can see of how it was started. */
const SEEN = `
import json, os, sys
print(json.dumps({
    "name": __name__, "file": globals().get("__file__"), "argv": sys.argv, "path": sys.path[0],
    "main": sys.modules["__main__"].__dict__ is globals(), "cwd": os.getcwd(), "env": dict(os.environ),
    "read": sys.stdin.read(), "descriptors": sorted(os.listdir("/proc/self/fd"))[:4],
}))
`;

/** Programs are as fresh ones that have imported MLflow: all that tests see of the real client and server rests on it. */
const onLinux = process.platform === 'linux' ? describe : describe.skip;
onLinux('a program of the preloaded Python', () => {
  let dir: TempDir;
  let preloaded: string;
  beforeAll(async () => {
    dir = await tempDir('preloaded');
    ({ executable: preloaded } = await sharedPart<{ executable: string }>(preloadedPart('mlflow-venv')));
    await mkdir(join(dir.path, 'folder'));
    await writeFile(join(dir.path, 'folder', 'program.py'), SEEN);
  }, 120_000);
  afterAll(() => dir?.remove());

  const env = { PYTHONUNBUFFERED: '1', A_VARIABLE: 'ä ö', LC_CTYPE: 'C.UTF-8' };
  const start = (python: string, args: readonly string[], input?: string): ChildProgram =>
    startProgram(python, args, { cwd: dir.path, env, ...(input !== undefined && { input }) });
  const outcome = async (python: string, ...how: [readonly string[], string?]): Promise<unknown> => {
    const program = start(python, ...how);
    const code = await program.exited;
    return { code, output: program.output() };
  };

  it.each<[string, string[], string]>([
    ['from standard input', ['-', 'a', '-b'], SEEN.replace('sys.stdin.read()', '""')],
    ['from an argument', ['-c', SEEN, 'a', '-b'], 'some input'],
    ['from a file', ['folder/program.py', 'a', '-b'], 'some input'],
  ])(
    'read %s has the name, arguments, path, folder, variables and streams of a fresh one',
    async (_where, args, input) => {
      const [seen, fresh] = [
        await outcome(preloaded, args, input),
        await outcome(freshPython(), args, input),
      ];
      expect(fresh).toMatchObject({ code: 0 });
      expect(seen).toEqual(fresh);
    },
  );

  it('runs modules by their names', async () => {
    const how: [string[], string] = [['-m', 'json.tool', '--compact'], '{"a":   1}'];
    expect(await outcome(preloaded, ...how)).toEqual({ code: 0, output: '{"a":1}\n' });
  });

  it.each([
    ['nothing special', 'print(1)'],
    ['sys.exit(7)', 'import sys; sys.exit(7)'],
    ['sys.exit with a reason', 'import sys; sys.exit("no such thing")'],
    ['a signal', 'import os; os.kill(os.getpid(), 15)'],
    ['SIGKILL', 'import os; os.kill(os.getpid(), 9)'],
    [
      'a thread that goes on',
      'import threading, time\nthreading.Thread(target=lambda: (time.sleep(.1), print(2))).start()',
    ],
    ['what it does at its end', 'import atexit; atexit.register(print, "the end"); print(1, end=" ")'],
  ])('that ends by %s ends as a fresh one', async (_how, code) => {
    expect(await outcome(preloaded, ['-c', code])).toEqual(await outcome(freshPython(), ['-c', code]));
  });

  it('that ends by an exception tells it, and ends with 1', async () => {
    const told = expect.stringMatching(
      /File "<string>", line 1, in <module>\nZeroDivisionError: division by zero\n$/,
    );
    expect(await outcome(preloaded, ['-c', '1 / 0'])).toEqual({ code: 1, output: told });
  });

  it('has MLflow imported, and the server of MLflow not, which reads its variables while it is imported', async () => {
    const loaded =
      'import sys; print("mlflow" in sys.modules, "mlflow.server" in sys.modules, "uvicorn" in sys.modules)';
    expect(await outcome(preloaded, ['-c', loaded])).toEqual({ code: 0, output: 'True False False\n' });
  });

  it('draws random numbers of its own', async () => {
    const draw = 'import random, numpy; print(random.random(), numpy.random.random())';
    const [one, two] = [await outcome(preloaded, ['-c', draw]), await outcome(preloaded, ['-c', draw])];
    expect(one).not.toEqual(two);
  });

  it('gets the signals that are sent to its starter', async () => {
    const program = start(preloaded, [
      '-c',
      'import signal, time\nsignal.signal(15, lambda *_: exit(9))\nprint("ready")\ntime.sleep(60)',
    ]);
    await eventually(() => program.output().includes('ready'), { program });
    expect(await program.stop('SIGTERM')).toBe(9);
  });

  it('ends with its starter, however that ends, and with it what it has started itself', async () => {
    const file = join(dir.path, 'pids');
    const program = start(preloaded, [
      '-c',
      `import os, subprocess, time
other = subprocess.Popen(["sleep", "60"])
open(${JSON.stringify(`${file}.new`)}, "w").write(f"{os.getpid()} {other.pid}")
os.rename(${JSON.stringify(`${file}.new`)}, ${JSON.stringify(file)})
time.sleep(60)`,
    ]);
    const pids = await eventually(async () => (await readFile(file, 'utf8')).split(' ').map(Number), {
      program,
    });
    expect(pids.map(isRunning)).toEqual([true, true]);
    program.kill();
    await eventually(() => pids.every((pid) => !isRunning(pid)));
  });

  it('can be started after a starter that has asked for nothing', async () => {
    const socket = connect(join(dirname(preloaded), 'socket'));
    await once(socket, 'connect');
    socket.destroy();
    expect(await outcome(preloaded, ['-c', 'print(1)'])).toEqual({ code: 0, output: '1\n' });
  });

  it('can be started after one that has ended at the moment in which its starter was killed', async () => {
    const told = 'import os, time; print(os.getppid(), os.getpid(), "ready"); time.sleep(60)';
    const program = start(preloaded, ['-c', told]);
    await eventually(() => program.output().includes('ready'), { program });
    const [parent = 0, pid = 0] = program.output().split(' ').map(Number);
    process.kill(parent, 'SIGSTOP');
    try {
      program.kill();
      process.kill(pid, 'SIGKILL');
      await program.exited;
    } finally {
      process.kill(parent, 'SIGCONT');
    }
    expect(await outcome(preloaded, ['-c', 'print(1)'])).toEqual({ code: 0, output: '1\n' });
  });

  it('reads from descriptors that it is given, by their numbers', async () => {
    const child = spawn(preloaded, ['-c', 'import os; print(os.fdopen(4).read(), os.fdopen(3).read())'], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'],
    });
    (child.stdio[3] as NodeJS.WritableStream).end('by a pipe');
    (child.stdio[4] as NodeJS.WritableStream).end('by another');
    expect(await text(child.stdout as NodeJS.ReadableStream)).toBe('by another by a pipe\n');
  });

  it('starts children of `multiprocessing` as it was started itself, where it is told to', async () => {
    const program = `
import multiprocessing, sys
def say(pipe):
    pipe.send((__name__, "mlflow" in sys.modules, sys.argv[1:]))
if __name__ == "__main__":
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    child = multiprocessing.get_context("spawn").Process(target=say, args=(theirs,))
    child.start()
    print(ours.recv())
    child.join()
    print(child.exitcode)
`;
    await writeFile(join(dir.path, 'parent.py'), program);
    const saysOf = async (python: string, more: Record<string, string>): Promise<string> => {
      const started = startProgram(python, ['parent.py', 'a'], { cwd: dir.path, env: { ...env, ...more } });
      await started.exited;
      return started.output();
    };
    const said = (imported: string): string => `('__mp_main__', ${imported}, ['a'])\n0\n`;
    expect(await saysOf(preloaded, {})).toBe(said('False'));
    expect(await saysOf(preloaded, { PRELOADED_SUBPROCESSES: '1' })).toBe(said('True'));
  });
});
