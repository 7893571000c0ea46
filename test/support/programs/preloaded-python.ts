import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from './child-program.ts';
import { eventually } from '../lib/eventually.ts';
import { isFullRun } from '../run/full-run.ts';
import { hasSharedParts, sharedPart } from '../run/shared-parts.ts';
import { tempDir } from '../lib/temp-dir.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const START_TIMEOUT_MS = 120_000;

export interface PreloadedPython {
  /** A program that takes arguments as `python` does. */
  readonly executable: string;
  /** Ends it and every program that it runs. */
  close(): Promise<void>;
}

/** The run's preloaded Python of an environment, by the names of the environments: its name as a shared part. */
export const preloadedPart = (venv: string): string => `preloaded-${venv}`;

/**
 * The Python of an environment under `.cache/`, such as `mlflow-venv`. In a test run one of MLflow's environments is a
 * fork of a process that has imported MLflow; see docs/decisions/0047.
 */
export async function pythonExecutable(venv = 'mlflow-venv'): Promise<string> {
  // Processes are followed by their descriptors, which Linux has.
  if (isFullRun || process.platform !== 'linux' || !hasSharedParts()) return freshPython(venv);
  return (await sharedPart<{ executable: string }>(preloadedPart(venv))).executable;
}

/** The Python of an environment under `.cache/`, without anything imported. */
export const freshPython = (venv = 'mlflow-venv'): string => join(root, '.cache', venv, 'bin', 'python');

/** Starts a Python that imports MLflow once and forks each program: `preloaded_python.py`. */
export async function startPreloadedPython(venv: string): Promise<PreloadedPython> {
  const { path, remove } = await tempDir('python');
  const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const [socket, executable] = [join(path, 'socket'), join(path, 'python')];
  // The first line of a script takes no path with blanks, which that of a checkout may have; a shell would add variables.
  const interpreter = join(path, 'interpreter');
  await symlink(freshPython(venv), interpreter);
  const asking = await readFile(script('preloaded_run.py'), 'utf8');
  await writeFile(executable, `#!${interpreter} -IS\n${asking}`, { mode: 0o755 });
  const program = startProgram(freshPython(venv), [script('preloaded_python.py'), socket, executable], {
    env: {
      MLFLOW_DISABLE_TELEMETRY: 'true',
      GIT_PYTHON_REFRESH: 'quiet',
      PYTHONUNBUFFERED: '1',
      PYTHONWARNINGS: 'ignore',
    },
  });
  const close = async (): Promise<void> => {
    await program.stop('SIGKILL');
    await remove();
  };
  try {
    await eventually(() => program.output().includes('ready'), {
      timeoutMs: START_TIMEOUT_MS,
      what: `a Python of ${venv} with MLflow imported`,
      program,
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { executable, close };
}
