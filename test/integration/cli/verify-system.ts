import { ManualClock } from '../../support/lib/manual-clock.js';
import { startFakeMlflow, type FakeMlflow } from '../../support/mlflow/fake-mlflow.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { hokusai, type CliResult } from '../../support/programs/hokusai.js';
import {
  startTestKeyService,
  TEST_ADMIN_TOKEN,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { tempDir } from '../../support/lib/temp-dir.js';

export interface Report {
  ok: boolean;
  exit_code: number;
  checks: {
    name: string;
    title: string;
    status: string;
    fault?: string;
    seen: string;
    expected: string;
    todo?: string;
  }[];
}

/** Key service and MLflow for `hokusai verify`, with as many gateways before them as a test wants. */
export class VerifySystem {
  private readonly gateways: TestGateway[] = [];

  private constructor(
    readonly mlflow: FakeMlflow,
    readonly service: TestKeyService,
    readonly clock: ManualClock,
    private readonly remove: () => Promise<void>,
  ) {}

  static async start(): Promise<VerifySystem> {
    const clock = new ManualClock(Date.now());
    const mlflow = await startFakeMlflow();
    const { path, remove } = await tempDir('keys');
    const service = await startTestKeyService({ DATABASE_URL: `sqlite:///${path}/keys.db` }, { clock });
    return new VerifySystem(mlflow, service, clock, remove);
  }

  async gateway(env: Record<string, string> = {}): Promise<TestGateway> {
    const started = await startTestGateway({
      MLFLOW_SERVER_URL: this.mlflow.url,
      HOKUSAI_AUTH_SERVICE_URL: this.service.url,
      AUTH_RETRY_ATTEMPTS: '0',
      ...env,
    });
    this.gateways.push(started);
    return started;
  }

  async createKey(...options: string[]): Promise<{ key_id: string; api_key: string }> {
    const env = { HOKUSAI_AUTH_SERVICE_URL: this.service.url, HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN };
    return (await hokusai(['auth', 'create-key', '--name', 'verify', '--json', ...options], { env })).json();
  }

  /** The environment of a client of this gateway. */
  clientEnv(url: string, apiKey: string): Record<string, string> {
    return {
      MLFLOW_TRACKING_URI: `${url}/api/mlflow`,
      MLFLOW_TRACKING_TOKEN: apiKey,
      HOKUSAI_AUTH_SERVICE_URL: this.service.url,
    };
  }

  /** Ends what one test started, and takes its fault away. */
  async reset(): Promise<void> {
    this.mlflow.fault = 'none';
    await Promise.all(this.gateways.splice(0).map((gateway) => gateway.close()));
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.remove();
    await this.mlflow.close();
  }
}

export async function verify(
  env: Record<string, string>,
): Promise<{ result: CliResult; report: Report; first: Report['checks'][0] | undefined }> {
  const result = await hokusai(['verify', '--json', '--timeout', '3000'], { env });
  if (result.stdout === '') throw new Error(result.stderr);
  const report = result.json<Report>();
  return { result, report, first: report.checks.find(({ status }) => status === 'fail') };
}

/** The first fault by name, with the exit code and what is to be done. */
export async function firstFault(
  env: Record<string, string>,
): Promise<{ fault: string | undefined; code: number; todo: string }> {
  const { result, first } = await verify(env);
  return { fault: first?.fault, code: result.code, todo: first?.todo ?? '' };
}
