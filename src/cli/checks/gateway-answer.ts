import { fail, type Finding } from './check.js';
import { jsonOf, ProbeError, summaryOf, type ProbeAnswer } from './http-probe.js';
import type { FaultName } from './faults.js';

/** The fault that an answer of the gateway, or of MLflow behind it, shows. */

type Verdict = readonly [fault: FaultName, todo: string];

export const SIGN_IN: Verdict = [
  'mlflow-sign-in',
  'MLflow has a sign-in of its own: set MLFLOW_SERVER_TOKEN, or MLFLOW_SERVER_USERNAME and MLFLOW_SERVER_PASSWORD, on the gateway.',
];

const BY_PROBLEM: Readonly<Record<string, Verdict>> = {
  'api-key-required': ['key-location-refused', 'Something between here and the gateway takes the key out.'],
  'invalid-api-key': [
    'key-refused',
    'The key is expired, revoked or mistyped; with HOKUSAI_ADMIN_TOKEN set, verify tells which.',
  ],
  'malformed-credential': ['key-refused', 'Set the key without quotes, spaces and line breaks.'],
  'insufficient-scope': [
    'scope-missing',
    'Give the key the scope that the answer names, or mlflow:access (hokusai auth update-key).',
  ],
  'address-not-allowed': [
    'address-not-allowed',
    'Add this network with --allowed-ip when you create the key.',
  ],
  'key-forbidden': ['permission-denied', 'Ask your key administrator which services this key is for.'],
  'https-required': ['not-the-gateway', 'Use an https:// address.'],
  'endpoint-not-found': ['bad-prefix', 'Set MLFLOW_TRACKING_URI to an address that ends in /api/mlflow.'],
  'rate-limited': ['rate-limited', 'Wait for the seconds in Retry-After, or raise the limits of the key.'],
  'too-many-failed-attempts': [
    'rate-limited',
    'Too many refused keys came from this address: wait a minute.',
  ],
  'auth-service-unavailable': [
    'auth-service-unavailable',
    "Check the gateway's HOKUSAI_AUTH_SERVICE_URL and that the auth service answers it.",
  ],
  'rate-limit-store-unavailable': ['redis-down', "Start Redis, or correct the gateway's REDIS_URL."],
  'key-overloaded': ['rate-limited', 'This key has too many requests under way: send fewer at once.'],
  overloaded: ['gateway-unhealthy', 'The gateway has too many requests under way: add replicas.'],
  'not-ready': ['gateway-unhealthy', 'The gateway is stopping: repeat once its successor runs.'],
  'mlflow-unreachable': ['mlflow-unreachable', "Check the gateway's MLFLOW_SERVER_URL and that MLflow runs."],
  'mlflow-sign-in': SIGN_IN,
  'mlflow-timeout': [
    'mlflow-unreachable',
    'MLflow does not answer in time: look at its log and its database.',
  ],
  'loop-detected': ['mlflow-unreachable', "The gateway's MLFLOW_SERVER_URL points back at a gateway."],
};

/** Name of the gateway's own error in an answer; undefined if the answer is not the gateway's own. */
export function problemOf(answer: ProbeAnswer): string | undefined {
  const type = jsonOf(answer)?.['type'];
  return typeof type === 'string' ? /\/errors\/([a-z-]+)$/.exec(type)?.[1] : undefined;
}

/** The problems that mean that the gateway did not accept the key; all others occur after the key was accepted. */
const NOT_ACCEPTED = new Set([
  'api-key-required',
  'invalid-api-key',
  'malformed-credential',
  'conflicting-credentials',
  'insufficient-scope',
  'address-not-allowed',
  'key-forbidden',
  'https-required',
  'endpoint-not-found',
  'rate-limited',
  'too-many-failed-attempts',
  'auth-service-unavailable',
  'rate-limit-store-unavailable',
  'not-ready',
]);

/** Whether the gateway accepted the key; the answer of MLflow after that does not matter. */
export function keyAccepted(answer: ProbeAnswer): boolean {
  const problem = problemOf(answer);
  return problem === undefined ? answer.status !== 401 : !NOT_ACCEPTED.has(problem);
}

/** Finds the fault behind an unexpected answer. */
export function faultOf(answer: ProbeAnswer, expected: string): Finding {
  const seen = summaryOf(answer);
  const [fault, todo] = verdictOf(answer);
  return fail(fault, seen, expected, todo);
}

function verdictOf(answer: ProbeAnswer): Verdict {
  const { status, text } = answer;
  const problem = problemOf(answer) ?? '';
  const known = Object.hasOwn(BY_PROBLEM, problem) ? BY_PROBLEM[problem] : undefined;
  if (known) return known;
  if (/Invalid Host header/i.test(text)) return HOST_REJECTED;
  if (status === 503 && /serve-artifacts/.test(text)) return ARTIFACTS_OFF;
  if (status >= 300 && status < 400)
    return ['not-the-gateway', 'The address redirects: set the one that it leads to, with https://.'];
  if (status < 300) return ['not-the-gateway', 'The address leads to a web page and not to the API.'];
  return BY_STATUS[status] ?? API_FAILING;
}

/** Answers that are neither the gateway's own nor recognised as MLflow's. */
const BY_STATUS: Readonly<Record<number, Verdict>> = {
  401: ['key-refused', 'Something that is not the gateway asks for a credential.'],
  403: ['permission-denied', 'Something that is not the gateway refuses the request.'],
  404: ['bad-prefix', 'Set MLFLOW_TRACKING_URI to an address that ends in /api/mlflow.'],
  429: ['rate-limited', 'Wait for the seconds in Retry-After.'],
  502: ['gateway-unhealthy', 'A proxy in front has no healthy gateway: look at the target group.'],
  503: ['gateway-unhealthy', 'A proxy in front, or MLflow itself, is not ready.'],
  504: ['gateway-unhealthy', 'A proxy in front had no answer in time: look at the target group.'],
};
const API_FAILING: Verdict = [
  'mlflow-api-failing',
  "Look at MLflow's log; the request id is in the gateway's.",
];

export const HOST_REJECTED: Verdict = [
  'mlflow-host-rejected',
  'Start MLflow with --allowed-hosts and the host and port of MLFLOW_SERVER_URL.',
];
export const ARTIFACTS_OFF: Verdict = [
  'artifacts-off',
  'Start MLflow with --serve-artifacts, or give every client credentials for the artifact store.',
];

/** The fault for a service that did not answer at all. */
export function unreachable(error: unknown, fault: FaultName, expected: string, todo: string): Finding {
  if (!(error instanceof ProbeError)) throw error;
  if (error.fault === 'dns') return fail('dns-failing', error.message, expected, todo);
  if (error.fault === 'tls')
    return fail('tls-failing', error.message, expected, 'Check the certificate; "hokusai doctor" shows it.');
  return fail(fault, error.message, expected, todo);
}
