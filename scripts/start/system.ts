import { join, relative } from 'node:path';
import { sentence, startChild, untilReady, type Child, type ChildSpec } from './child.ts';
import { makeKey } from './first-key.ts';
import { greeting } from './greeting.ts';
import { MLFLOW_START_TIMEOUT_MS, mlflowSpec, venvPython } from './mlflow.ts';
import type { Plan } from './plan.ts';
import { freePort, LOOPBACK } from './ports.ts';
import { adminToken, gatewaySpec, keyServiceSpec, SECRETS } from './programs.ts';
import type { State } from './state.ts';
import { StartError, slowly } from './terminal.ts';

const START_TIMEOUT_MS = 60_000;
/** Long enough for an orderly end of each part, short enough for a person who waits. */
const GRACE_MS = 5000;

type Env = Readonly<Record<string, string | undefined>>;

/** The programs that run, in the order in which they were started. */
export class System {
  private readonly children: Child[] = [];
  private stopping: Promise<void> | undefined;

  /** Starts all that the plan asks for and returns the text to show. */
  async start(plan: Plan, state: State, env: Env): Promise<string> {
    const mlflow = await this.mlflow(plan, state, env);
    const keyService =
      plan.keyServicePort === undefined ? undefined : this.run(keyServiceSpec(plan, state, env));
    const gateway = this.run(gatewaySpec(plan, state, env, mlflow.url));
    const late = {
      usualSeconds: 20,
      hint: `The machine may be busy: see the logs in ${join(plan.dataDir, 'logs')}.`,
    };
    const what = keyService ? 'the key service and the gateway' : 'the gateway';
    const ready = async (): Promise<void> => {
      if (keyService) await untilReady(keyService, `${plan.authServiceUrl}/health`, START_TIMEOUT_MS);
      await untilReady(gateway, `${plan.gatewayUrl}/health/ready`, START_TIMEOUT_MS);
    };
    await slowly(`Starting ${what}`, ready, late);
    const ownAuth = keyService !== undefined;
    const mayMakeKeys = ownAuth || env['HOKUSAI_ADMIN_TOKEN'];
    const apiKey = mayMakeKeys ? await makeKey(plan.authServiceUrl, adminToken(env, state)) : undefined;
    const { child } = mlflow;
    if (child)
      await slowly(
        'Starting MLflow (the first time about 15 seconds)',
        () => untilReady(child, `${mlflow.url}/health`, MLFLOW_START_TIMEOUT_MS),
        { ...late, usualSeconds: 45 },
      );
    return greeting({
      plan,
      apiKey,
      mlflowServerUrl: mlflow.url,
      python: child && relative(process.cwd(), venvPython(plan.root)),
      adminTokenFile: ownAuth && !env['HOKUSAI_ADMIN_TOKEN'] ? state.secretFile(SECRETS.admin) : undefined,
    });
  }

  /** Never resolves; rejects with a sentence once any of the programs has ended by itself. */
  async untilOneEnds(): Promise<never> {
    const { child, words } = await Promise.race(
      this.children.map(async (one) => ({ child: one, words: await one.ended })),
    );
    // While all are being stopped, their ends are not reported.
    if (this.stopping) return new Promise<never>(() => {});
    throw new StartError(`${sentence(child.name)} ${words}; its last lines:\n${child.lastLines()}`);
  }

  /** Ends everything: the gateway, which was started last, before what it depends on. */
  stop(): Promise<void> {
    this.stopping ??= (async () => {
      const [gateway, ...others] = this.children.toReversed();
      await gateway?.stop(GRACE_MS);
      await Promise.all(others.map((child) => child.stop(GRACE_MS)));
    })();
    return this.stopping;
  }

  /** Ends everything at once, without asking. */
  kill(): void {
    for (const child of this.children) child.kill();
  }

  private run(spec: ChildSpec): Child {
    if (this.stopping) throw new StartError('Stopped before everything had started.');
    const child = startChild(spec);
    this.children.push(child);
    return child;
  }

  private async mlflow(plan: Plan, state: State, env: Env): Promise<{ url: string; child?: Child }> {
    if (plan.mlflowServerUrl !== undefined) return { url: plan.mlflowServerUrl };
    const port = await freePort();
    const dir = state.folder('mlflow');
    const child = this.run(mlflowSpec({ root: plan.root, dir, port, env, logFile: state.logFile('mlflow') }));
    return { url: `http://${LOOPBACK}:${port}`, child };
  }
}
