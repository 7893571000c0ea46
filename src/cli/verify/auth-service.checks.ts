import { fail, pass, warn, type Check, type Finding } from '../checks/check.js';
import { ProbeError, summaryOf, type ProbeAnswer } from '../checks/http-probe.js';
import {
  DETAIL_AUTH_SERVICE_UNAVAILABLE,
  factTimeMs,
  readValidationAnswer,
  ROUTE_KEYS_VALIDATE,
  saysKeyRequired,
  SCOPES,
  type StatedKeyFacts,
} from '../../sdk/index.js';
import { DAY_MS } from '../io/durations.js';
import {
  bearer,
  type Contract,
  type ContractVerdict,
  type ContractVerdicts,
  type VerifyContext,
} from './verify-context.js';

const EXPIRES_SOON_MS = 7 * DAY_MS;

/** Checks the auth service under both existing contracts; one of them is enough. */
export const contractChecks: readonly Check<VerifyContext>[] = (['header', 'body'] as const).map(
  (contract) => ({
    name: `auth-contract-${contract}`,
    title: `Auth service, key in the ${contract}`,
    async run(context: VerifyContext) {
      const verdicts = (context.notes.contracts ??= await askBoth(context));
      return findingOf(contract, verdicts, context);
    },
  }),
);

async function askBoth(context: VerifyContext): Promise<ContractVerdicts> {
  const [header, body] = await Promise.all([
    askAuthService(context, 'header'),
    askAuthService(context, 'body'),
  ]);
  return { header, body };
}

/** Asks whether the key is valid, under one contract. */
export async function askAuthService(
  {
    probe,
    authServiceUrl,
    serviceId,
    apiKey,
    env,
  }: Pick<VerifyContext, 'probe' | 'authServiceUrl' | 'serviceId' | 'apiKey' | 'env'>,
  contract: Contract,
): Promise<ContractVerdict> {
  const serviceToken = env['HOKUSAI_AUTH_SERVICE_TOKEN'];
  const credential = contract === 'header' ? bearer(apiKey) : serviceToken ? bearer(serviceToken) : {};
  const body = { ...(contract === 'body' && { api_key: apiKey }), service_id: serviceId };
  try {
    const answer = await probe.send(authServiceUrl + ROUTE_KEYS_VALIDATE, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...credential },
      body: JSON.stringify(body),
    });
    return verdictOf(answer);
  } catch (error) {
    if (error instanceof ProbeError)
      return { kind: 'unreachable', seen: `${DETAIL_AUTH_SERVICE_UNAVAILABLE}: ${error.message}` };
    throw error;
  }
}

function verdictOf(answer: ProbeAnswer): ContractVerdict {
  const seen = summaryOf(answer);
  const { status } = answer;
  if (status === 200) return verdictOfAnswer(answer.text);
  if (status === 401) return { kind: saysKeyRequired(answer.text) ? 'not-spoken' : 'refused', seen };
  if (status === 400 || status === 422) return { kind: 'not-spoken', seen };
  if (status === 403) return { kind: 'forbidden', seen };
  if (status === 404 || status === 405 || (status >= 300 && status < 400))
    return { kind: 'wrong-address', seen };
  return { kind: 'broken', seen };
}

/** Read as the gateway reads it: valid, refused, or no verdict. */
function verdictOfAnswer(text: string): ContractVerdict {
  const answer = readValidationAnswer(text);
  switch (answer.kind) {
    case 'valid':
      return { kind: 'valid', seen: '200, valid', facts: answer.facts };
    case 'refused':
      return { kind: 'refused', seen: '200, not valid' };
    case 'unreadable':
      return { kind: 'broken', seen: `200 with an answer that ${answer.what}` };
    default:
      return answer satisfies never;
  }
}

async function findingOf(
  contract: Contract,
  verdicts: ContractVerdicts,
  context: VerifyContext,
): Promise<Finding> {
  const own = verdicts[contract];
  const otherName = contract === 'header' ? 'body' : 'header';
  const expected = '200 with "valid": true, under this contract or the other';
  if (own.kind === 'valid') return judgeFacts(own.facts, expected);
  if (verdicts[otherName].kind === 'valid')
    return pass(`not spoken here (${own.seen}); with the key in the ${otherName} it is valid`, expected);
  switch (own.kind) {
    case 'unreachable':
      return warn(
        own.seen,
        expected,
        'Check HOKUSAI_AUTH_SERVICE_URL; it is fine if only the gateway can reach the auth service.',
        'auth-service-unreachable',
      );
    case 'wrong-address':
      return fail(
        'auth-service-unreachable',
        own.seen,
        expected,
        'HOKUSAI_AUTH_SERVICE_URL does not lead to an auth service: it has no /api/v1/keys/validate.',
      );
    case 'broken':
      return fail('auth-answer-malformed', own.seen, expected, 'Look at the log of the auth service.');
    case 'forbidden':
      return fail('permission-denied', own.seen, expected, `Ask which services and networks the key is for.`);
    case 'not-spoken':
      return verdicts[otherName].kind === 'not-spoken'
        ? fail(
            'contract-mismatch',
            own.seen,
            expected,
            'The auth service takes the key neither in the header nor in the body: check its version; ' +
              'one that authenticates its callers needs HOKUSAI_AUTH_SERVICE_TOKEN.',
          )
        : pass(`not spoken here (${own.seen})`, expected);
    case 'refused':
      return { ...(await diagnoseKey(context)), seen: own.seen, expected };
    default:
      return own satisfies never;
  }
}

/** Why a key is refused. The key service says so only to callers with an admin token. */
export async function diagnoseKey({
  findKey,
}: Pick<VerifyContext, 'findKey'>): Promise<Pick<Finding, 'status' | 'fault' | 'todo'>> {
  const status = 'fail';
  const unknown = {
    status,
    fault: 'key-refused',
    todo: 'The key is expired, revoked or mistyped; set HOKUSAI_ADMIN_TOKEN and repeat to learn which.',
  } as const;
  if (!findKey) return unknown;
  const key = await findKey().catch(() => null);
  if (key === null) return unknown;
  if (!key)
    return {
      status,
      fault: 'key-unknown',
      todo: 'The auth service has no key that begins like this: it is mistyped, or of another environment.',
    };
  const renew = `Create a new one with "hokusai auth create-key"; this is ${key.key_id} ("${key.name}").`;
  if (key.revoked_at !== null)
    return { status, fault: 'key-revoked', todo: `The key was revoked at ${key.revoked_at}. ${renew}` };
  if (key.expires_at !== null && !key.is_active)
    return { status, fault: 'key-expired', todo: `The key expired at ${key.expires_at}. ${renew}` };
  return {
    status,
    fault: 'key-refused',
    todo: `A key that begins like this is active (${key.key_id}, service ${key.service_id}): check the rest of it.`,
  };
}

function judgeFacts(facts: StatedKeyFacts, expected: string): Finding {
  const { scopes, expires_at: expiresAt } = facts;
  const seen = `200, valid${facts.key_id === null ? '' : `, key ${facts.key_id}`}`;
  if (scopes && !scopes.some((scope) => SCOPES.includes(scope)))
    return fail(
      'scope-missing',
      `${seen}, without any scope for MLflow`,
      expected,
      'Give the key one, such as mlflow:read (hokusai auth update-key).',
    );
  const expiresAtMs = expiresAt === null ? undefined : factTimeMs(expiresAt);
  if (expiresAtMs !== undefined && expiresAtMs - Date.now() < EXPIRES_SOON_MS)
    return warn(`${seen}, expires at ${expiresAt}`, expected, 'Rotate it in time.', 'key-expires-soon');
  return pass(seen, expected);
}
