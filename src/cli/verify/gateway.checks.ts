import { fail, pass, warn, type Check, type Finding } from '../checks/check.js';
import { jsonOf, summaryOf, type ProbeAnswer } from '../checks/http-probe.js';
import { MLFLOW_MOUNTS, ROUTE_HEALTH, ROUTE_HEALTH_MLFLOW } from '../../sdk/index.js';
import {
  ARTIFACTS_OFF,
  faultOf,
  HOST_REJECTED,
  SIGN_IN,
  problemOf,
  unreachable,
} from '../checks/gateway-answer.js';
import { SEARCH_PATH, type VerifyContext } from './verify-context.js';

const CHECK_ADDRESS = 'Check MLFLOW_TRACKING_URI, the network, and that the gateway runs.';

/** `/health` of the gateway: the process alone. */
export const gatewayHealth: Check<VerifyContext> = {
  name: 'gateway-health',
  title: 'Gateway health',
  needs: ['tracking-uri'],
  async run(context) {
    const expected = '200 {"status":"ok"} from /health';
    try {
      const answer = await context.probe.send(context.gatewayUrl + ROUTE_HEALTH);
      if (answer.status === 200 && jsonOf(answer)?.['status'] === 'ok')
        return pass(`200 in ${Math.round(answer.durationMs)} ms`, expected);
      if (problemOf(answer) !== undefined)
        return fail('gateway-unhealthy', summaryOf(answer), expected, 'Look at the log of the gateway.');
      return (await behindTrackingUriAlone(context, answer, expected)) ?? notTheGateway(answer, expected);
    } catch (error) {
      return unreachable(error, 'gateway-unreachable', expected, CHECK_ADDRESS);
    }
  },
};

/** A proxy in front may forward only the tracking URI, below any path, and answer `/health` itself. */
async function behindTrackingUriAlone(
  { probe, trackingUri }: VerifyContext,
  answer: ProbeAnswer,
  expected: string,
): Promise<Finding | undefined> {
  const tracking = await probe.send(trackingUri + SEARCH_PATH);
  if (problemOf(tracking) !== 'api-key-required') return undefined;
  const todo =
    'A proxy in front answers here and passes the tracking URI on: route /health to the gateway too.';
  return warn(summaryOf(answer), expected, todo);
}

function notTheGateway(answer: ProbeAnswer, expected: string): Finding {
  const todo = 'The address does not lead to the gateway: check its routing rules.';
  return fail('not-the-gateway', summaryOf(answer), expected, todo);
}

/** The tracking URI leads to the proxy, and nothing gets through it without a key. */
export const trackingPath: Check<VerifyContext> = {
  name: 'tracking-path',
  title: 'Tracking URI, without a key',
  needs: ['tracking-uri'],
  async run(context) {
    const expected = '401 "API key required" from the gateway';
    try {
      const answer = await context.probe.send(context.trackingUri + SEARCH_PATH);
      if (problemOf(answer) === 'api-key-required')
        return tooLong(context.trackingUri, expected) ?? pass('401 "API key required"', expected);
      if (answer.status === 200 && jsonOf(answer)) return open(answer, expected);
      const finding = faultOf(answer, expected);
      return finding.fault === 'bad-prefix' || finding.fault === 'not-the-gateway'
        ? { ...finding, fault: 'bad-prefix', todo: await suggestPath(context) }
        : finding;
    } catch (error) {
      return unreachable(error, 'gateway-unreachable', expected, CHECK_ADDRESS);
    }
  },
};

/** MLflow as the gateway sees it: connection, experiments API, artifacts API. */
export const mlflowHealth: Check<VerifyContext> = {
  name: 'mlflow-health',
  title: 'MLflow health',
  needs: ['gateway-health'],
  async run({ probe, gatewayUrl, trackingUri }) {
    const expected = '200 from /health/mlflow, all checks ok';
    const direct = await probe.send(gatewayUrl + ROUTE_HEALTH_MLFLOW);
    // The route is below the mount too, for proxies that pass only that on.
    const answer = checksOf(direct) ? direct : await probe.send(trackingUri + ROUTE_HEALTH_MLFLOW);
    const checks = checksOf(answer);
    if (answer.status === 200 && checks) return pass(describe(checks), expected);
    if (!checks) return faultOf(answer, expected);
    return { ...mlflowFault(checks), seen: `${answer.status}: ${describe(checks)}`, expected };
  },
};

type HealthChecks = Record<string, { status?: string; http_status?: number | null }>;

function checksOf(answer: ProbeAnswer): HealthChecks | undefined {
  const checks = jsonOf(answer)?.['checks'];
  return typeof checks === 'object' && checks !== null ? (checks as HealthChecks) : undefined;
}

function describe(checks: HealthChecks): string {
  return Object.entries(checks)
    .map(([name, { status, http_status }]) =>
      status === 'ok' ? `${name} ok` : `${name} ${status} (${http_status ?? 'no answer'})`,
    )
    .join(', ');
}

function mlflowFault(checks: HealthChecks): Pick<Finding, 'status' | 'fault' | 'todo'> {
  const status = (name: string): number | null | undefined => checks[name]?.http_status;
  const failing = (name: string): boolean => checks[name]?.status !== 'ok';
  const as = ([fault, todo]: readonly [Finding['fault'] & string, string]): Pick<
    Finding,
    'status' | 'fault' | 'todo'
  > => ({
    status: 'fail',
    fault,
    todo,
  });
  if (failing('connectivity') && (status('connectivity') ?? null) === null)
    return as(['mlflow-unreachable', "Check the gateway's MLFLOW_SERVER_URL and that MLflow runs."]);
  if (Object.values(checks).some(({ http_status: code }) => code === 401 || code === 407)) return as(SIGN_IN);
  if (status('experiments_api') === 403) return as(HOST_REJECTED);
  // Under a static prefix even /health is elsewhere.
  if (status('experiments_api') === 404 || status('connectivity') === 404)
    return as([
      'mlflow-static-prefix',
      'Start MLflow without --static-prefix; for one that serves /ajax-api alone, set MLFLOW_API_DIALECT=ajax-api.',
    ]);
  if (!failing('experiments_api') && failing('artifacts_api')) return as(ARTIFACTS_OFF);
  return as(['mlflow-unhealthy', "Look at MLflow's log and at its database."]);
}

function open(answer: ProbeAnswer, expected: string): Finding {
  const seen = `200 without any key${'experiments' in (jsonOf(answer) ?? {}) ? ', with experiments' : ''}`;
  return fail(
    'gateway-open',
    seen,
    expected,
    'The address leads to MLflow itself, past the gateway: close it to the network and use the gateway.',
  );
}

/** The gateway takes every path below its mount, also one to which the client would add its own again. */
function tooLong(trackingUri: string, expected: string): Finding | undefined {
  const { origin, pathname } = new URL(trackingUri);
  const mount = /^(.*?\/mlflow)\/./.exec(pathname)?.[1];
  // The first "/mlflow" may be a proxy's own path in front of the mount.
  if (mount === undefined || MLFLOW_MOUNTS.some((one) => pathname === mount + one)) return undefined;
  return fail(
    'bad-prefix',
    `the address goes on after ${mount}`,
    expected,
    `Set MLFLOW_TRACKING_URI=${origin}${mount}: the client adds the rest.`,
  );
}

/** Finds which of the usual addresses leads to the proxy. */
async function suggestPath({ probe, trackingUri, gatewayUrl }: VerifyContext): Promise<string> {
  const { origin } = new URL(trackingUri);
  const candidates = new Set(
    [gatewayUrl, origin].flatMap((root) => MLFLOW_MOUNTS.map((mount) => root + mount)),
  );
  candidates.delete(trackingUri);
  for (const candidate of candidates) {
    const answer = await probe.send(candidate + SEARCH_PATH).catch(() => undefined);
    if (answer && problemOf(answer) === 'api-key-required')
      return `Set MLFLOW_TRACKING_URI=${candidate}: that is where the gateway answers.`;
  }
  return 'Set MLFLOW_TRACKING_URI to an address that ends in /api/mlflow, and route /api/* to the gateway.';
}
