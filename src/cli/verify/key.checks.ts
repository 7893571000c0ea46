import { fail, pass, skip, type Check, type Finding } from '../checks/check.js';
import { summaryOf, type ProbeAnswer } from '../checks/http-probe.js';
import {
  HEADER_API_KEY,
  HEADER_HOKUSAI_API_KEY,
  HEADER_MLFLOW_AUTHORIZATION,
  hasKeyFormat,
  KEY_PREFIXES,
  QUERY_API_KEY,
} from '../../sdk/index.js';
import { diagnoseKey } from './auth-service.checks.js';
import { faultOf, keyAccepted, problemOf } from '../checks/gateway-answer.js';
import { bearer, SEARCH_PATH, type VerifyContext } from './verify-context.js';

/** Checks that the gateway accepts the key, and finds out why if it does not. */
export const keyAtGateway: Check<VerifyContext> = {
  name: 'key-at-gateway',
  title: 'Gateway takes the key',
  needs: ['gateway-health', 'tracking-path'],
  async run(context) {
    const expected = 'the gateway accepts "Authorization: Bearer <key>"';
    const answer = await search(context, bearer(context.apiKey));
    context.notes.keyAnswer = answer;
    if (keyAccepted(answer)) return pass(`accepted (${answer.status})`, expected);
    const problem = problemOf(answer);
    if (problem === 'invalid-api-key' || problem === 'auth-service-unavailable')
      return crossCheck(context, answer, expected);
    return faultOf(answer, expected);
  },
};

/** Every place in a request where a key may be, and its form there. */
const KEY_LOCATIONS: Readonly<Record<string, (key: string) => Record<string, string>>> = {
  'Authorization: Bearer': bearer,
  'authorization: bearer (lower case)': (key) => ({ authorization: `bearer ${key}` }),
  'Authorization: ApiKey': (key) => ({ authorization: `ApiKey ${key}` }),
  'Authorization: Basic (key as password)': (key) => ({ authorization: basic(key) }),
  'Authorization: the key alone': (key) => ({ authorization: key }),
  'X-API-Key': (key) => ({ [HEADER_API_KEY]: key }),
  'X-Hokusai-API-Key': (key) => ({ [HEADER_HOKUSAI_API_KEY]: key }),
  'X-MLflow-Authorization': (key) => ({ [HEADER_MLFLOW_AUTHORIZATION]: `Bearer ${key}` }),
};

export const keyLocations: readonly Check<VerifyContext>[] = Object.entries(KEY_LOCATIONS).map(
  ([title, headersOf]) => ({
    name: `key-location-${title
      .toLowerCase()
      .replace(/[^a-z]+/g, '-')
      .replace(/^-|-$/g, '')}`,
    title: `Key location ${title}`,
    needs: ['key-at-gateway'],
    async run(context: VerifyContext): Promise<Finding> {
      const expected = 'the same answer as to a Bearer token';
      if (title === 'Authorization: the key alone' && !hasKeyFormat(context.apiKey))
        return skip(
          `the key does not look like ${KEY_PREFIXES.production}…, so it needs a scheme before it`,
          expected,
        );
      const answer = await search(context, headersOf(context.apiKey));
      if (keyAccepted(answer)) return pass(`accepted (${answer.status})`, expected);
      const finding = faultOf(answer, expected);
      return finding.fault === 'rate-limited'
        ? finding
        : fail(
            'key-location-refused',
            summaryOf(answer),
            expected,
            'Something in front of the gateway changes or drops this header; use Authorization: Bearer.',
          );
    },
  }),
);

/** A key in the query ends up in logs and histories, so the gateway accepts it only if that is enabled. */
export const queryLocation: Check<VerifyContext> = {
  name: 'key-location-query',
  title: 'Key location ?api_key=',
  needs: ['key-at-gateway'],
  async run({ probe, trackingUri, apiKey }) {
    const expected = 'refused, unless the gateway has ALLOW_QUERY_API_KEY=true';
    const answer = await probe.send(
      `${trackingUri}${SEARCH_PATH}&${QUERY_API_KEY}=${encodeURIComponent(apiKey)}`,
    );
    return keyAccepted(answer)
      ? pass('accepted: ALLOW_QUERY_API_KEY is on', expected)
      : pass(`refused (${answer.status}): ALLOW_QUERY_API_KEY is off`, expected);
  },
};

function search(
  { probe, trackingUri }: VerifyContext,
  headers: Record<string, string>,
): Promise<ProbeAnswer> {
  return probe.send(trackingUri + SEARCH_PATH, { headers });
}

function basic(key: string): string {
  return `Basic ${Buffer.from(`token:${key}`).toString('base64')}`;
}

/** The gateway refuses the key. The answers of the auth service to this machine show where the fault is. */
async function crossCheck(context: VerifyContext, answer: ProbeAnswer, expected: string): Promise<Finding> {
  const seen = summaryOf(answer);
  const { header, body } = context.notes.contracts ?? {};
  const spoken = [header?.kind === 'valid' && 'header', body?.kind === 'valid' && 'body'].filter(Boolean);
  if (spoken.length === 1)
    return fail(
      'contract-mismatch',
      `${seen}; the auth service accepts the key, but only in the ${spoken[0]}`,
      expected,
      `Set AUTH_CONTRACT=auto (or ${spoken[0]}) on the gateway.`,
    );
  if (spoken.length === 2)
    return problemOf(answer) === 'invalid-api-key'
      ? fail(
          'auth-services-differ',
          `${seen}; the auth service at HOKUSAI_AUTH_SERVICE_URL says that it is valid`,
          expected,
          'The gateway asks another auth service or for another service id, or remembers an older refusal for up to ' +
            '30 s: compare HOKUSAI_AUTH_SERVICE_URL and AUTH_SERVICE_ID, and repeat.',
        )
      : faultOf(answer, expected);
  if (problemOf(answer) === 'invalid-api-key') return { ...(await diagnoseKey(context)), seen, expected };
  return faultOf(answer, expected);
}
