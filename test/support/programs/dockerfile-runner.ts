import { cp, mkdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DockerfileParser, type Copy, type From } from 'dockerfile-ast';
import { endOfOutput, startProgram } from './child-program.js';

/** What a stage of a Dockerfile leaves behind, made in a folder of this machine. */
export interface BuiltStage {
  /** Stands for the image's root. */
  readonly root: string;
  workdir: string;
  readonly env: Record<string, string>;
  /** Arguments of its build. */
  readonly args: Record<string, string>;
  /** The last of each, as exec-form words. */
  cmd: string[];
  healthcheck: string[];
  user: string | undefined;
  stopSignal: string | undefined;
  exposed: string | undefined;
}

export interface RunnerOptions {
  dockerfile: string;
  /** The build context. */
  context: string;
  /** Empty folder; each stage becomes one inside it. */
  into: string;
  /** Folders in front of PATH, which stand for what the base image has. */
  path: string[];
  /** In place of the defaults of ARG. */
  buildArgs?: Readonly<Record<string, string>>;
  /** What stands for a RUN line, such as one whose work another test covers; undefined runs the line itself. */
  instead?: (command: string, workdir: string) => Promise<void> | undefined;
}

/**
 * Carries out a Dockerfile's own instructions without a Docker engine: COPY copies, RUN runs in the folder
 * that stands for WORKDIR, FROM starts from a copy of an earlier stage. Base images are not there: their
 * programs come from this machine.
 */
export async function buildStages(
  targets: readonly string[],
  options: RunnerOptions,
): Promise<Map<string, BuiltStage>> {
  const stages = new Map<string, BuiltStage>();
  const wanted = neededStages(options.dockerfile, targets);
  let current: BuiltStage | undefined;
  for (const instruction of DockerfileParser.parse(options.dockerfile).getInstructions()) {
    const keyword = instruction.getKeyword();
    if (keyword === 'FROM') {
      const from = instruction as From;
      const name = from.getBuildStage() ?? '';
      current = wanted.has(name)
        ? await newStage(name, stages.get(from.getImage() ?? ''), options)
        : undefined;
      if (current) stages.set(name, current);
      continue;
    }
    if (!current) continue;
    const text = instruction.getArgumentsContent() ?? '';
    switch (keyword) {
      case 'WORKDIR':
        current.workdir = join(current.root, text);
        await mkdir(current.workdir, { recursive: true });
        break;
      case 'ENV': {
        const [name, value] = assignment(text);
        current.env[name] = value.replace(/\$\{(\w+)\}/g, (_all, arg: string) => current?.args[arg] ?? '');
        break;
      }
      case 'ARG': {
        const [name, value] = assignment(text);
        current.args[name] = options.buildArgs?.[name] ?? value;
        break;
      }
      case 'COPY':
        await copy(instruction as Copy, current, stages, options);
        break;
      case 'RUN':
        await (options.instead?.(text, current.workdir) ?? run(asThisUser(text), current, options));
        break;
      case 'CMD':
        current.cmd = words(text);
        break;
      case 'HEALTHCHECK':
        current.healthcheck = words(text);
        break;
      case 'USER':
        current.user = text;
        break;
      case 'STOPSIGNAL':
        current.stopSignal = text;
        break;
      case 'EXPOSE':
        current.exposed = text;
        break;
      case 'LABEL':
        break;
      default:
        throw new Error(`the runner does not know ${keyword}`);
    }
  }
  return stages;
}

function assignment(text: string): [name: string, value: string] {
  const [name = '', ...value] = text.split('=');
  return [name, value.join('=')];
}

/** The targets and every stage that they start from or copy from. */
function neededStages(dockerfile: string, targets: readonly string[]): Set<string> {
  const uses = new Map<string, Set<string>>();
  let name = '';
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      name = (instruction as From).getBuildStage() ?? '';
      uses.set(name, new Set([(instruction as From).getImage() ?? '']));
    } else if (instruction.getKeyword() === 'COPY') {
      const from = (instruction as Copy).getFromFlag()?.getValue();
      if (from) uses.get(name)?.add(from);
    }
  }
  const needed = new Set<string>();
  const need = (stage: string): void => {
    if (!uses.has(stage) || needed.has(stage)) return;
    needed.add(stage);
    uses.get(stage)?.forEach(need);
  };
  targets.forEach(need);
  return needed;
}

async function newStage(
  name: string,
  base: BuiltStage | undefined,
  { into }: RunnerOptions,
): Promise<BuiltStage> {
  const root = join(into, name);
  await mkdir(root, { recursive: true });
  if (!base) {
    const empty = { cmd: [], healthcheck: [], user: undefined, stopSignal: undefined, exposed: undefined };
    return { root, workdir: root, env: {}, args: {}, ...empty };
  }
  await cp(base.root, root, { recursive: true, verbatimSymlinks: true });
  return {
    ...base,
    root,
    workdir: join(root, base.workdir.slice(base.root.length)),
    env: { ...base.env },
    args: {},
  };
}

async function copy(
  instruction: Copy,
  stage: BuiltStage,
  stages: Map<string, BuiltStage>,
  { context }: RunnerOptions,
): Promise<void> {
  const args = instruction.getArguments().map((argument) => argument.getValue());
  const target = args.pop() ?? '.';
  const from = instruction.getFromFlag()?.getValue();
  const sourceRoot = from ? stages.get(from)?.root : context;
  if (!sourceRoot) throw new Error(`COPY --from=${from}: no such stage`);
  for (const source of args) {
    // A program of the base image: this machine's own stands for it.
    if (from && source.startsWith('/usr/')) continue;
    const into = target.endsWith('/')
      ? join(stage.workdir, target, basename(source))
      : join(stage.workdir, target);
    await mkdir(dirname(into), { recursive: true });
    if (from && source.endsWith('node_modules')) await symlink(join(sourceRoot, source), into);
    else
      await cp(join(sourceRoot, source), into, {
        recursive: true,
        filter: (path) => !path.endsWith('.spec.ts'),
      });
  }
}

/** Only root may give files away. */
function asThisUser(command: string): string {
  return process.getuid?.() === 0 ? command : command.replaceAll(/ -[og] \d+/g, '');
}

/** The words of an exec form, which is JSON. */
function words(text: string): string[] {
  return JSON.parse(text.slice(text.indexOf('['))) as string[];
}

/** Environment of a command in a stage: what the image sets, and nothing of the test run. */
export function stageEnv(stage: BuiltStage, path: readonly string[]): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { HOME, ...stage.env, PATH: [...path, PATH].join(':') };
}

async function run(command: string, stage: BuiltStage, { path }: RunnerOptions): Promise<void> {
  const program = startProgram('sh', ['-c', command], {
    cwd: stage.workdir,
    // Builders have what their network needs; here that stands in the environment.
    env: { ...process.env, ...stageEnv(stage, path) },
    input: '',
  });
  const code = await program.exited;
  if (code !== 0) throw new Error(`RUN ${command} ended with ${code}:\n${endOfOutput(program)}`);
}
