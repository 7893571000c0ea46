import { join } from 'node:path';
import { startProgram, type ChildProgram } from '../support/programs/child-program.js';
import { eventually } from '../support/lib/eventually.js';
import { startFakeAuthService, type FakeAuthService } from '../support/servers/fake-auth-service.js';
import { freePort } from '../support/programs/free-port.js';
import { sharedMlflow } from '../support/mlflow/mlflow-server.js';
import { packedPrograms } from '../support/programs/packed-programs.js';
import { startPython } from '../support/programs/python-client.js';
import { startRedisServer, type RedisServer } from '../support/servers/redis-server.js';

const KEY = 'hk_live_of_a_training_job_000000000001';
const STEPS = 60;

/** Logs a step at a time and says so; the client's own retries alone help it. */
const TRAINING_JOB = `
import mlflow, time
mlflow.set_experiment("survival")
with mlflow.start_run() as run:
    print("run", run.info.run_id)
    for step in range(${STEPS}):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
        print("step", step)
        time.sleep(0.1)
history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")
print("logged", len({m.step for m in history}), len(history))
`;

describe('a training job', () => {
  let main: string;
  let redis: RedisServer;
  let gateway: ChildProgram;
  let auth: FakeAuthService;

  beforeAll(async () => {
    main = join(await packedPrograms(), 'gateway/main.js');
    redis = await startRedisServer();
  });

  afterAll(async () => {
    await gateway?.stop('SIGKILL');
    await Promise.all([auth?.close(), redis?.close()]);
  });

  it('survives restarts of the auth service, Redis and the gateway, and loses no step', async () => {
    const { url: mlflowUrl } = await sharedMlflow();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    auth = await startFakeAuthService();
    const facts = { valid: true, key_id: 'job' };
    auth.know(KEY, facts);
    const authPort = auth.port;

    const startGateway = async (): Promise<void> => {
      gateway = startProgram(process.execPath, [main], {
        env: {
          HOST: '127.0.0.1',
          PORT: String(port),
          MLFLOW_SERVER_URL: mlflowUrl,
          HOKUSAI_AUTH_SERVICE_URL: auth.url,
          REDIS_URL: redis.url,
          CACHE_HMAC_SECRET: 'a-secret-of-all-replicas',
          DRAIN_DELAY_SECONDS: '0',
          // So short that the job needs the auth service all the time.
          AUTH_CACHE_TTL_SECONDS: '1',
          AUTH_CACHE_STALE_WHILE_REVALIDATE_SECONDS: '0',
        },
      });
      let end: number | string | undefined;
      void gateway.exited.then((how) => (end = how));
      const up = async (): Promise<boolean> => end !== undefined || (await fetch(`${url}/health/ready`)).ok;
      await eventually(up, { timeoutMs: 30_000 });
      if (end !== undefined) throw new Error(`the gateway ended (${end}): ${gateway.output()}`);
    };

    await startGateway();
    // The client's first pauses are 0, 4, 8 s; a smaller factor keeps the test short and its course the same.
    const job = await startPython(TRAINING_JOB, {
      url,
      token: KEY,
      env: { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '1' },
    });
    const step = (): number => Number([...job.output().matchAll(/^step (\d+)$/gm)].at(-1)?.[1] ?? -1);
    const progress = async (steps: number): Promise<void> => {
      const goal = Math.min(step() + steps, STEPS - 1);
      let over = false;
      void job.exited.then(() => (over = true));
      await eventually(() => over || step() >= goal, { timeoutMs: 60_000, what: `step ${goal}` });
    };

    await progress(5);
    await auth.close();
    await progress(15);
    auth = await startFakeAuthService({ port: authPort });
    auth.know(KEY, facts);

    await redis.kill();
    await progress(5);
    await redis.start();
    await progress(5);

    await gateway.stop('SIGTERM');
    await startGateway();
    await progress(5);
    await gateway.stop('SIGKILL');
    await startGateway();

    const code = await job.exited;
    expect({ code, output: job.output() }).toMatchObject({ code: 0 });
    const [, distinct, all] = /^logged (\d+) (\d+)$/m.exec(job.output()) ?? [];
    expect(Number(distinct)).toBe(STEPS);
    // A write whose answer was lost in the kill may be there twice; MLflow keeps one of equal ones.
    expect(Number(all)).toBeLessThanOrEqual(STEPS + 1);
  }, 240_000);
});
