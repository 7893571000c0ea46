import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { fail, pass, skip, warn, type Check, type Finding } from '../checks/check.js';
import { jsonOf, summaryOf, type ProbeAnswer } from '../checks/http-probe.js';
import type { Environment } from '../io/cli-io.js';
import { ARTIFACTS_OFF, faultOf, HOST_REJECTED } from '../checks/gateway-answer.js';
import { SEARCH_PATH } from '../verify/verify-context.js';
import { at, hostOf, type DoctorContext, type Target } from './doctor-context.js';

/** A host name that no server has (RFC 2606). */
const FOREIGN_HOST = 'mlflow.invalid';
/** The gateway drops idle connections after this; MLflow must keep them longer. */
const POOL_IDLE_MS = 4000;
const KEEP_ALIVE_MARGIN_MS = 500;

/** Asks MLflow directly, as the gateway does. */
export function mlflowServerChecks(target: Target): Check<DoctorContext>[] {
  return [
    {
      name: 'mlflow-host',
      title: 'MLflow: Host header',
      run: (context) => checkHost(context, target),
    },
    {
      name: 'mlflow-static-prefix',
      title: 'MLflow: paths and static prefix',
      run: (context) => checkPaths(context, target),
    },
    {
      name: 'mlflow-serve-artifacts',
      title: 'MLflow: --serve-artifacts',
      run: (context) => checkArtifacts(context, target),
    },
    {
      name: 'mlflow-keep-alive',
      title: 'MLflow: keep-alive time-out',
      run: (context) => checkKeepAlive(context, target),
    },
  ];
}

/** The gateway sends the host and port of MLFLOW_SERVER_URL as Host: exactly that one must be allowed. */
async function checkHost({ probe }: DoctorContext, target: Target): Promise<Finding> {
  const expected = `"Host: ${target.url.host}" is allowed`;
  const url = at(target, SEARCH_PATH);
  const own = await probe.send(url, { headers: { host: target.url.host } });
  if (own.status === 403 && /host/i.test(own.text))
    return fail(HOST_REJECTED[0], summaryOf(own), expected, HOST_REJECTED[1]);
  const foreign = await probe.send(url, { headers: { host: FOREIGN_HOST } });
  return pass(
    foreign.status === 403
      ? 'allowed; another name is refused, as it should be'
      : 'allowed, as is any other name',
    expected,
  );
}

/** Under a static prefix MLflow serves `/api` as before, and everything else below the prefix. */
async function checkPaths({ probe, env }: DoctorContext, target: Target): Promise<Finding> {
  const expected = '/api/2.0 and /ajax-api/2.0 both answer below MLFLOW_SERVER_URL';
  const headers = signIn(env);
  const api = await probe.send(at(target, SEARCH_PATH), { headers });
  if (asksForSignIn(api)) return signInRefused(api, expected);
  const ajax = await probe.send(at(target, SEARCH_PATH.replace('/api/', '/ajax-api/')), { headers });
  const seen = `/api ${api.status}, /ajax-api ${ajax.status}`;
  if (api.status === 404 && ajax.status === 200)
    return fail('mlflow-api-failing', seen, expected, 'Set MLFLOW_API_DIALECT=ajax-api on the gateway.');
  if (ajax.status === 404)
    return fail(
      'mlflow-static-prefix',
      seen,
      expected,
      target.url.pathname === '/'
        ? 'Start MLflow without --static-prefix: its interface works below any path without it, and its ' +
            'artifact routes lose streaming with it.'
        : 'Take the path out of MLFLOW_SERVER_URL, and start MLflow without --static-prefix.',
    );
  return api.status === 200 && jsonOf(api) ? pass(seen, expected) : faultOf(api, expected);
}

/** The gateway's own credential, as the gateway sends it. */
function signIn(env: Environment): Record<string, string> {
  const token = env['MLFLOW_SERVER_TOKEN'];
  const [user, password] = [env['MLFLOW_SERVER_USERNAME'], env['MLFLOW_SERVER_PASSWORD'] ?? ''];
  if (token) return { authorization: `Bearer ${token}` };
  if (!user) return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

const asksForSignIn = ({ status }: ProbeAnswer): boolean => status === 401 || status === 407;

function signInRefused(answer: ProbeAnswer, expected: string): Finding {
  const todo =
    'Set MLFLOW_SERVER_TOKEN, or MLFLOW_SERVER_USERNAME and MLFLOW_SERVER_PASSWORD, for the gateway and here.';
  return fail('mlflow-sign-in', summaryOf(answer), expected, todo);
}

async function checkArtifacts({ probe, env }: DoctorContext, target: Target): Promise<Finding> {
  const expected = '200 from the artifacts API';
  const url = at(target, '/api/2.0/mlflow-artifacts/artifacts?path=.hokusai-doctor');
  const answer = await probe.send(url, { headers: signIn(env) });
  if (asksForSignIn(answer)) return signInRefused(answer, expected);
  if (answer.status === 200) return pass('200: clients need no credentials for the artifact store', expected);
  if (answer.status === 503) return fail(ARTIFACTS_OFF[0], summaryOf(answer), expected, ARTIFACTS_OFF[1]);
  return faultOf(answer, expected);
}

/** Leaves a used connection idle for as long as the gateway's pool would, and watches whether it is dropped. */
async function checkKeepAlive({ timeoutMs }: DoctorContext, target: Target): Promise<Finding> {
  const expected = `an idle connection is kept for more than ${POOL_IDLE_MS / 1000} s`;
  const idleMs = await idleUntilClosed(target, POOL_IDLE_MS + KEEP_ALIVE_MARGIN_MS, timeoutMs);
  if (idleMs === 'refused') return skip('there was no connection to leave idle', expected);
  if (idleMs === 'kept') return pass(`kept for ${(POOL_IDLE_MS + KEEP_ALIVE_MARGIN_MS) / 1000} s`, expected);
  const seen = `dropped after ${(idleMs / 1000).toFixed(1)} s`;
  const todo =
    'Start MLflow with --uvicorn-opts "--timeout-keep-alive 5" or more, or the gateway meets 502s.';
  return idleMs < 100
    ? warn(
        'closed after the answer',
        expected,
        'MLflow closes each connection after one answer: let it keep connections open.',
      )
    : fail('mlflow-keep-alive-short', seen, expected, todo);
}

function idleUntilClosed(
  target: Target,
  patienceMs: number,
  timeoutMs: number,
): Promise<number | 'kept' | 'refused'> {
  const host = hostOf(target.url);
  const secure = target.url.protocol === 'https:';
  const port = Number(target.url.port || (secure ? 443 : 80));
  return new Promise((resolve) => {
    const request = `GET ${new URL(at(target, '/health')).pathname} HTTP/1.1\r\nHost: ${target.url.host}\r\n\r\n`;
    const socket = secure
      ? connectTls({ host, port, servername: host }, () => socket.write(request))
      : connect({ host, port }, () => socket.write(request));
    let answeredMs: number | undefined;
    let patience = setTimeout(() => finish('refused'), timeoutMs);
    const finish = (outcome: number | 'kept' | 'refused'): void => {
      clearTimeout(patience);
      socket.destroy();
      resolve(outcome);
    };
    socket.on('data', () => {
      answeredMs = performance.now();
      clearTimeout(patience);
      patience = setTimeout(() => finish('kept'), patienceMs);
    });
    const closed = (): void => finish(answeredMs === undefined ? 'refused' : performance.now() - answeredMs);
    socket.on('error', closed);
    socket.on('close', closed);
    socket.on('end', closed);
  });
}
