import { createInterface } from 'node:readline';
import { startPython, type PythonOptions } from './python-client.js';

/** What became of a snippet. */
export interface SnippetResult<T> {
  /** Its variable `result`, through JSON; null where it set none. */
  value: T;
  /** `module.Class` and text of the exception that ended it, as its user would read it. */
  error?: { type: string; message: string };
}

export interface PythonSession {
  /** Runs a snippet and returns its `result`. @throws Error with the exception's text where it ends in one */
  run<T>(snippet: string): Promise<T>;
  /** Runs a snippet that may end in an exception, which is part of the result. */
  attempt<T>(snippet: string): Promise<SnippetResult<T>>;
  close(): Promise<void>;
}

// Importing MLflow takes seconds: one process serves all snippets of a file, each with names of its own.
const LOOP = `
import json, os, sys, traceback
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
import mlflow
print("ready", file=answers)
for line in os.fdopen(3):
    names = {"__name__": "__main__", "mlflow": mlflow, "os": os}
    try:
        exec(json.loads(line), names)
        print(json.dumps({"value": names.get("result")}), file=answers)
    except BaseException as error:
        kind = type(error)
        traceback.print_exc()
        said = {"type": f"{kind.__module__}.{kind.__name__}", "message": str(error)}
        print(json.dumps({"value": None, "error": said}), file=answers)
`;

/** One Python with the unmodified MLflow client, for many snippets one after the other. */
export async function startPythonSession(options: PythonOptions): Promise<PythonSession> {
  const program = await startPython(LOOP, { ...options, pipe: true });
  const snippets = program.child.stdio[3] as NodeJS.WritableStream;
  snippets.on('error', () => {});
  const lines = createInterface({ input: program.child.stdout as NodeJS.ReadableStream })[
    Symbol.asyncIterator
  ]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the Python session has ended:\n${program.output().slice(-3000)}`);
    return value;
  };
  await next();

  const attempt = async <T>(snippet: string): Promise<SnippetResult<T>> => {
    snippets.write(`${JSON.stringify(snippet)}\n`);
    return JSON.parse(await next()) as SnippetResult<T>;
  };
  return {
    attempt,
    async run<T>(snippet: string) {
      const { value, error } = await attempt<T>(snippet);
      if (error) throw new Error(`${error.type}: ${error.message}\n${program.output().slice(-3000)}`);
      return value;
    },
    async close() {
      snippets.end();
      const timer = setTimeout(() => program.child.kill('SIGKILL'), 5000);
      await program.exited;
      clearTimeout(timer);
    },
  };
}
