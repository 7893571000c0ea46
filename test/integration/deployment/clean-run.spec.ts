import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inNamespaces } from '../../../deploy/engine/namespaces.js';
import { startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { eventually } from '../../support/lib/eventually.js';
import { tempDir } from '../../support/lib/temp-dir.js';

const SCRIPT = fileURLToPath(new URL('clean-run.node.ts', import.meta.url));
/** It needs root, and a machine that lets it make namespaces and overlay mounts. */
async function mayMakeNamespaces(): Promise<boolean> {
  const dir = await tempDir('namespaces');
  const [command, ...args] = inNamespaces(dir.path, ['true'], true);
  const code = await startProgram(command, args).exited;
  await dir.remove();
  return code === 0;
}

const start = (how: string): ChildProgram => startProgram(process.execPath, [SCRIPT, how]);
const folderOf = (program: ChildProgram): string => /^\/\S+$/m.exec(program.output())?.[0] ?? '';
const commandsNaming = (text: string): string[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(text));

((await mayMakeNamespaces()) ? describe : describe.skip)('a run on real programs', () => {
  it.each([
    ['ends by itself: the exit code is its own', 'done', 3],
    ['breaks: the exit code is 1, and the error is told', 'broken', 1],
  ])('leaves nothing behind where it %s', async (_, how, code) => {
    const program = start(how);
    await expect(program.exited).resolves.toBe(code);
    expect(program.output()).toContain('cleaned up');
    expect(program.output().includes('it is broken')).toBe(how === 'broken');
    expect(folderOf(program)).not.toBe('');
    expect(existsSync(folderOf(program))).toBe(false);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('leaves nothing behind where %s stops it half way', async (signal, code) => {
    const program = start('waits');
    await eventually(() => commandsNaming(folderOf(program) || 'not yet').length > 0, {
      what: 'its program',
      program,
      timeoutMs: 30_000,
    });
    const folder = folderOf(program);
    program.child.kill(signal);
    await expect(program.exited).resolves.toBe(code);
    expect(program.output()).toContain('cleaned up');
    expect(existsSync(folder)).toBe(false);
    expect(commandsNaming(folder)).toEqual([]);
    expect(existsSync('/run/made-by-a-clean-run')).toBe(false);
  });
});
