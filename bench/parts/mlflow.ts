import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startChild, workFolder, type ChildProgram } from '../lib/children.ts';
import { freePort, untilAnswers } from '../lib/poll.ts';
import { MLFLOW_PYTHON, ROOT } from '../lib/programs.ts';

export interface Mlflow {
  readonly url: string;
  readonly child: ChildProgram;
  stop(): Promise<unknown>;
}

/** A real MLflow server with one worker and a fresh SQLite store; `args` and `env` are added. */
export async function startMlflow(
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Mlflow> {
  const [port, dir] = [await freePort(), workFolder('mlflow')];
  const child = startChild(
    MLFLOW_PYTHON,
    [
      ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${dir}/mlflow.db`, '--artifacts-destination', `${dir}/artifacts`],
      ...args,
    ],
    {
      cwd: dir,
      env: { MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', ...env },
    },
  );
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/health`, 'MLflow', { child, status: 200, timeoutMs: 120_000 });
  return { url, child, stop: () => child.stop('SIGTERM', 5000) };
}

/** Where the packages of the bench's own environment lie; MLflow sees them by PYTHONPATH. */
export function benchSitePackages(): string {
  const lib = join(ROOT, '.cache', 'bench-venv', 'lib');
  const python = readdirSync(lib).find((name) => name.startsWith('python3'));
  return join(lib, python ?? '', 'site-packages');
}
