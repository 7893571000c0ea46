import { startProgram, type ChildProgram } from './child-program.ts';
import { pythonExecutable } from './preloaded-python.ts';

export interface PythonResult {
  /** 0, or what `sys.exit` said; 1 after an exception. */
  readonly code: number | NodeJS.Signals;
  /** Standard output and error together. */
  readonly output: string;
  /** What the snippet printed as its last line, as JSON. */
  json<T>(): T;
}

export interface PythonOptions {
  /** `MLFLOW_TRACKING_URI` is `url` + `/api/mlflow`, unless `env` has one. */
  url?: string;
  /** `MLFLOW_TRACKING_TOKEN`. */
  token?: string;
  env?: Record<string, string>;
  cwd?: string;
  /** Opens file descriptor 3 for the snippet to read from. */
  pipe?: boolean;
  /** Default 120,000 ms; the snippet is killed after it. */
  timeoutMs?: number;
}

/** Starts a snippet with the Python that has the unmodified MLflow client, without waiting for its end. */
export async function startPython(snippet: string, options: PythonOptions = {}): Promise<ChildProgram> {
  const { url, token, env = {}, cwd } = options;
  return startProgram(await pythonExecutable(), ['-'], {
    input: snippet,
    ...(cwd !== undefined && { cwd }),
    ...(options.pipe === true && { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] as const }),
    env: {
      ...(url !== undefined && { MLFLOW_TRACKING_URI: `${url}/api/mlflow` }),
      ...(token !== undefined && { MLFLOW_TRACKING_TOKEN: token }),
      MLFLOW_DISABLE_TELEMETRY: 'true',
      MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'true',
      GIT_PYTHON_REFRESH: 'quiet',
      PYTHONUNBUFFERED: '1',
      PYTHONWARNINGS: 'ignore',
      ...env,
    },
  });
}

/** Runs a snippet to its end. Its exit code is for the caller to judge. */
export async function runPython(snippet: string, options: PythonOptions = {}): Promise<PythonResult> {
  const program = await startPython(snippet, options);
  const timer = setTimeout(() => program.child.kill('SIGKILL'), options.timeoutMs ?? 120_000);
  const code = await program.exited;
  clearTimeout(timer);
  const output = program.output();
  return { code, output, json: <T>() => lastJson<T>(output) };
}

function lastJson<T>(output: string): T {
  const lines = output.trimEnd().split('\n');
  for (const line of lines.toReversed())
    try {
      return JSON.parse(line) as T;
    } catch {
      // Warnings of the client may come after the line that counts.
    }
  throw new Error(`no line of JSON in the output:\n${output.slice(-2000)}`);
}
