import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startChild, untilReady, type ChildSpec } from '../../../scripts/start/child.ts';
import { requireFreePort } from '../../../scripts/start/ports.ts';
import { isRunning } from '../../support/programs/child-program.js';
import { eventually } from '../../support/lib/eventually.js';
import { freePort } from '../../support/programs/free-port.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

const NEVER_ENDS = 'setInterval(() => {}, 1000)';

describe('a child of npm start', () => {
  let dir: TempDir;

  beforeEach(async () => {
    dir = await tempDir('child');
  });

  afterEach(() => dir?.remove());

  const spec = (code: string): ChildSpec => ({
    name: 'the part',
    command: process.execPath,
    args: ['-e', code],
    env: { PATH: process.env['PATH'] },
    logFile: join(dir.path, 'part.log'),
    stopSignal: 'SIGINT',
  });

  it('is ready once it answers', async () => {
    const port = await freePort();
    const child = startChild(
      spec(`require('http').createServer((q, s) => s.end('ok')).listen(${port}, '127.0.0.1')`),
    );
    await untilReady(child, `http://127.0.0.1:${port}/`, 10_000);
    await child.stop(1000);
    expect(child.running).toBe(false);
  });

  it('is reported with its last lines where it ends before it is ready', async () => {
    writeFileSync(join(dir.path, 'part.log'), 'of an earlier start\n');
    const child = startChild(spec(`console.error('because of this'); process.exitCode = 3`));
    const error = await untilReady(child, 'http://127.0.0.1:9/', 10_000).catch((e: unknown) => e as Error);
    expect(String(error)).toBe('StartError: The part ended with exit code 3:\nbecause of this');
  });

  it('is reported where it could not be started at all', async () => {
    const child = startChild({ ...spec(''), command: '/no/such/program' });
    await expect(child.ended).resolves.toBe('could not be started');
    expect(child.lastLines()).toContain('ENOENT');
    await child.stop(1000);
  });

  it('is ended with all it started, also where it does not listen', async () => {
    const family = `
      const { spawn } = require('child_process');
      const grandchild = spawn(process.execPath, ['-e', "process.on('SIGINT', () => {}); ${NEVER_ENDS}"], { stdio: 'inherit' });
      process.on('SIGINT', () => {});
      console.log('grandchild', grandchild.pid);
      ${NEVER_ENDS}`;
    const child = startChild(spec(family));
    const pid = await eventually(() => Number(/grandchild (\d+)/.exec(child.lastLines())?.[1] ?? 0) || false);
    await child.stop(200);
    await eventually(() => !isRunning(pid));
    expect(child.running).toBe(false);
  });

  it('ends by itself when its starter is killed', async () => {
    const preload = new URL('../../../scripts/start/end-with-starter.mjs', import.meta.url).href;
    const starter = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('child_process').spawn(process.execPath,
           ['--import', ${JSON.stringify(preload)}, '-e', ${JSON.stringify(NEVER_ENDS)}],
           { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
         console.log(child.pid); ${NEVER_ENDS}`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const pid = await new Promise<number>((resolve) =>
      starter.stdout.once('data', (line: Buffer) => resolve(Number(line.toString()))),
    );
    expect(isRunning(pid)).toBe(true);
    starter.kill('SIGKILL');
    await eventually(() => !isRunning(pid));
  });
});

describe('a port of npm start', () => {
  it('is refused in one sentence where it is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(requireFreePort(port, 'PORT')).rejects.toThrow(
      `Port ${port} is already in use: stop what uses it, or set PORT to a free port.`,
    );
    await new Promise((resolve) => server.close(resolve));
    await expect(requireFreePort(port, 'PORT')).resolves.toBeUndefined();
  });
});
