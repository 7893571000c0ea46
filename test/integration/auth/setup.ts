import type { CreateApp } from '../../../src/platform/http/http-server.js';
import { Test } from '@nestjs/testing';
import type { ProblemBody } from '../../../src/contracts/errors/problem.js';
import {
  startFakeAuthService,
  type FakeAuthService,
  type FakeAuthServiceOptions,
} from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { metricOf } from '../../support/lib/metrics.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';

export const KEY = 'hk_live_0123456789abcdef0123456789abcdef';
export const OTHER_KEY = 'hk_live_fedcba9876543210fedcba9876543210';
export const ADMIN_TOKEN = 'an-admin-token-of-the-tests';
export const MLFLOW_PATH = '/api/mlflow/api/2.0/mlflow/experiments/search';

export interface AuthSetup {
  readonly auth: FakeAuthService;
  readonly mlflow: RecordingUpstream;
  readonly clock: ManualClock;
  /** The first replica. */
  readonly gateway: TestGateway;
  /** Another replica in front of the same parts. */
  replica(env?: Record<string, string>): Promise<TestGateway>;
  close(): Promise<void>;
}

export interface AuthSetupOptions {
  env?: Record<string, string>;
  auth?: FakeAuthServiceOptions;
  createApp?: CreateApp;
}

/** A gateway between a fake auth service and an upstream that records, on a clock that a test moves. */
export async function startAuthSetup({
  env = {},
  auth: authOptions,
  createApp,
}: AuthSetupOptions = {}): Promise<AuthSetup> {
  const auth = await startFakeAuthService(authOptions);
  const mlflow = await startRecordingUpstream();
  // Near true time, as Redis keeps its own.
  const clock = new ManualClock(Date.now());
  const gateways: TestGateway[] = [];
  const replica = async (more: Record<string, string> = {}): Promise<TestGateway> => {
    const gateway = await startTestGateway(
      {
        MLFLOW_SERVER_URL: mlflow.url,
        HOKUSAI_AUTH_SERVICE_URL: auth.url,
        GATEWAY_ADMIN_TOKEN: ADMIN_TOKEN,
        RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '100000',
        AUTH_RETRY_ATTEMPTS: '0',
        ...env,
        ...more,
      },
      { clock, ...(createApp && { createApp }) },
    );
    gateways.push(gateway);
    return gateway;
  };
  return {
    auth,
    mlflow,
    clock,
    gateway: await replica(),
    replica,
    async close() {
      await Promise.all(gateways.map((gateway) => gateway.close()));
      await Promise.all([auth.close().catch(() => undefined), mlflow.close()]);
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined where the answer is MLflow's own. */
  readonly problem: ProblemBody | undefined;
}

export type HeaderList = Record<string, string>;

export async function ask(gateway: TestGateway, headers: HeaderList, path = MLFLOW_PATH): Promise<Answer> {
  const response = await fetch(gateway.url + path, { headers });
  const text = await response.text();
  const isProblem = response.headers.get('content-type') === 'application/problem+json';
  return {
    status: response.status,
    headers: response.headers,
    problem: isProblem ? (JSON.parse(text) as ProblemBody) : undefined,
  };
}

export const withKey = (key = KEY): HeaderList => ({ authorization: `Bearer ${key}` });

export async function statusOf(gateway: TestGateway, key = KEY): Promise<number> {
  return (await ask(gateway, withKey(key))).status;
}

export async function invalidate(
  gateway: TestGateway,
  body: unknown,
  headers: HeaderList = { authorization: `Bearer ${ADMIN_TOKEN}` },
): Promise<Response> {
  return fetch(`${gateway.url}/internal/keys/invalidate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Value of a metric, 0 where it has no sample yet. */
export const metric = (gateway: TestGateway, name: string, labels = ''): Promise<number> =>
  metricOf(gateway, name + labels);

/** Replaces providers of the gateway before it starts. */
export function replacing(...providers: readonly { token: symbol; value: unknown }[]): CreateApp {
  return async (root, adapter, options) => {
    const builder = Test.createTestingModule({ imports: [root] });
    for (const { token, value } of providers) builder.overrideProvider(token).useValue(value);
    return (await builder.compile()).createNestApplication(adapter, options);
  };
}
