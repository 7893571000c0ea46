import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { startProgram } from '../start/program.ts';
import { workFolder } from '../../test/support/lib/temp-dir.ts';
import { mutated, type Mutant } from './mutants.ts';

const LINKED = ['node_modules', '.cache'];
/** npm writes it last. */
const INSTALLED = 'node_modules/.package-lock.json';
const LEFT_OUT = [...LINKED, '.git', '.data', 'dist-sdk', 'dist-docs', 'dist-packages'];
const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--runInBand',
  // Stops at the first file that fails, and in it at the first test; the files that have most to do with the mutant begin.
  '--bail',
  '--env=./scripts/mutation/failing-fast.environment.mjs',
  '--testSequencer=./scripts/mutation/nearest-first.mjs',
  '--reporters=./scripts/mutation/failure-reporter.mjs',
];

/** A test that failed. */
export interface Failure {
  /** Path of its file; undefined where the run did not come to an end. */
  readonly spec: string | undefined;
  readonly title: string;
}

/** A copy of the sources and of what was built from them, in which one mutant at a time is put in place of the original. */
export class MutantCheckout {
  readonly folder = workFolder('mutants');
  private readonly installedAtMs: number | undefined;

  constructor(root: string) {
    for (const path of readdirSync(root))
      if (!LEFT_OUT.includes(path)) cpSync(join(root, path), join(this.folder, path), { recursive: true });
    for (const path of LINKED) symlinkSync(join(root, path), join(this.folder, path));
    this.installedAtMs = this.timeOfInstall();
  }

  /** Runs `work` with the mutant in place, in the sources and in `dist/`. */
  async with<T>(mutant: Mutant, work: () => Promise<T>): Promise<T> {
    const source = join(this.folder, mutant.file);
    const built = join(this.folder, mutant.file.replace(/^src\/(.*)\.ts$/, 'dist/$1.js'));
    const originals = [source, built].filter(existsSync).map((path) => [path, readFileSync(path)] as const);
    const text = mutated(readFileSync(source, 'utf8'), mutant);
    try {
      writeFileSync(source, text);
      if (existsSync(built)) writeFileSync(built, this.compiled(text, mutant.file));
      return await work();
    } finally {
      for (const [path, original] of originals) writeFileSync(path, original);
    }
  }

  /**
   * Which of some tests fails first, if any does.
   *
   * @param args what jest is to run
   * @param near source whose tests begin
   */
  async failure(args: readonly string[], near: string, timeoutMs: number): Promise<Failure | undefined> {
    const report = join(this.folder, 'failure.json');
    rmSync(report, { force: true });
    const env = { MUTATED_SOURCE: near, FAILURE_REPORT: report };
    const { code, output } = await this.run([...JEST, ...args], timeoutMs, env);
    if (code === 0) return undefined;
    if (existsSync(report)) return JSON.parse(readFileSync(report, 'utf8')) as Failure;
    // Only a run that was ended may go without one.
    if (typeof code === 'number') throw new Error(`jest could not run:\n${output}`);
    return { spec: undefined, title: 'did not end' };
  }

  private async run(
    args: readonly string[],
    timeoutMs: number,
    env: Record<string, string>,
  ): Promise<{ code: number | NodeJS.Signals; output: string }> {
    const program = startProgram(process.execPath, args, {
      cwd: this.folder,
      detached: true,
      input: '',
      env,
    });
    const timer = setTimeout(() => void program.stop('SIGKILL'), timeoutMs);
    const code = await program.exited;
    clearTimeout(timer);
    await program.stop('SIGKILL');
    if (code !== 0 && this.timeOfInstall() !== this.installedAtMs)
      throw new Error(
        'node_modules was installed again during the run, which fails every test: start the run again',
      );
    return { code, output: program.output() };
  }

  private compiled(text: string, fileName: string): string {
    const path = join(this.folder, 'tsconfig.json');
    const { config } = ts.readConfigFile(path, (file) => readFileSync(file, 'utf8')) as {
      config: { compilerOptions: object };
    };
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, this.folder);
    // What the nearest package.json says of modules is unknown to a compiler that sees one file.
    const compilerOptions = { ...options, noEmit: false, module: ts.ModuleKind.ESNext };
    return ts.transpileModule(text, { fileName, compilerOptions }).outputText;
  }

  private timeOfInstall(): number | undefined {
    return statSync(join(this.folder, INSTALLED), { throwIfNoEntry: false })?.mtimeMs;
  }
}
