import { cpSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProgram } from '../start/program.ts';
import { workFolder } from '../../test/support/temp-dir.ts';
import { mutated, type Mutant } from './mutants.ts';

const LINKED = ['node_modules', '.cache', 'dist'];
/** npm writes it last. */
const INSTALLED = 'node_modules/.package-lock.json';
const LEFT_OUT = [...LINKED, '.git', '.data', 'dist-sdk'];

/** A copy of the sources in which one mutant at a time is put in place of the original. */
export class MutantCheckout {
  readonly folder = workFolder('mutants');
  private readonly installedAtMs: number | undefined;

  constructor(root: string) {
    for (const path of readdirSync(root))
      if (!LEFT_OUT.includes(path)) cpSync(join(root, path), join(this.folder, path), { recursive: true });
    for (const path of LINKED) symlinkSync(join(root, path), join(this.folder, path));
    this.installedAtMs = this.timeOfInstall();
  }

  /** Runs `work` with the mutant in place. */
  async with<T>(mutant: Mutant, work: () => Promise<T>): Promise<T> {
    const file = join(this.folder, mutant.file);
    const source = readFileSync(file, 'utf8');
    writeFileSync(file, mutated(source, mutant));
    try {
      return await work();
    } finally {
      writeFileSync(file, source);
    }
  }

  /**
   * Whether jest fails, or does not come to an end.
   *
   * @param args what jest is to run
   */
  async jestFails(args: readonly string[], timeoutMs: number): Promise<boolean> {
    const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--bail', '--maxWorkers=1'];
    return this.fails([...jest, ...args, '--passWithNoTests'], timeoutMs);
  }

  /** Whether the compiler refuses the sources as they are. */
  async compilerFails(): Promise<boolean> {
    // With what the run before found out, a run takes a third of the time.
    const incremental = ['--incremental', '--tsBuildInfoFile', 'sample.tsbuildinfo'];
    const compile = ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json', ...incremental];
    return this.fails(compile, 300_000);
  }

  private async fails(args: readonly string[], timeoutMs: number): Promise<boolean> {
    const program = startProgram(process.execPath, args, {
      cwd: this.folder,
      detached: true,
      input: '',
    });
    const timer = setTimeout(() => void program.stop('SIGKILL'), timeoutMs);
    const code = await program.exited;
    clearTimeout(timer);
    await program.stop('SIGKILL');
    if (code !== 0 && this.timeOfInstall() !== this.installedAtMs)
      throw new Error(
        'node_modules was installed again during the run, which fails every test: start the run again',
      );
    return code !== 0;
  }

  private timeOfInstall(): number | undefined {
    return statSync(join(this.folder, INSTALLED), { throwIfNoEntry: false })?.mtimeMs;
  }
}
