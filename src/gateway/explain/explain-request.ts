import type { ExplainRequest } from '../../contracts/keys/access-explain.js';
import type { FieldProblem } from '../../contracts/errors/problem.js';
import { grantsFault } from '../../lib/grants.js';
import { isObject } from '../../lib/json/json-object.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { parseTarget } from '../../lib/http/request-target.js';
import { MLFLOW_MOUNTS } from '../../contracts/http/routes.js';
import type { JudgedRequest } from '../access/grant-gate.js';
import type { HeldBytes } from '../access/reading/body-collector.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const MEMBERS = ['method', 'path', 'query', 'headers', 'body', 'as'];

/** @throws ProblemError `bad-request` or `invalid-fields`, which names every wrong member */
export function readExplainRequest(bytes: Buffer): ExplainRequest {
  return explainRequestOf(parsed(bytes));
}

/** @throws ProblemError `invalid-fields`, which names every wrong member */
export function explainRequestOf(json: Record<string, unknown>): ExplainRequest {
  const problems = problemsOf(json);
  if (problems.length === 0) return json as unknown as ExplainRequest;
  const first = problems[0] as FieldProblem;
  throw new ProblemError('invalid-fields', {
    message: `"${first.field}" ${first.message}. Correct the fields listed in "errors" and send the request again.`,
    fields: problems,
  });
}

/**
 * The request in question, as the guards would see it.
 *
 * @param held where what is made of its body counts
 * @throws ProblemError `invalid-path`
 */
export function requestInQuestion(
  { method, path, query, headers = {}, body }: ExplainRequest,
  held: HeldBytes,
): JudgedRequest {
  const whole = query === undefined || query === '' ? path : `${path}?${query.replace(/^\?/, '')}`;
  const target = parseTarget(whole);
  if (typeof target === 'string') throw new ProblemError('invalid-path', { reason: target });
  const mounted = mountOf(target.path) === undefined ? parseTarget(MLFLOW_MOUNTS[0] + whole) : target;
  if (typeof mounted === 'string') throw new ProblemError('invalid-path', { reason: mounted });
  const bytes =
    body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const given = Object.entries(headers);
  const hasType = given.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    method,
    target: mounted,
    rawHeaders: [
      ...given.flat(),
      ...(bytes !== undefined && !hasType ? ['content-type', 'application/json'] : []),
    ],
    hasBody: bytes !== undefined && bytes.length > 0,
    collect: () => Promise.resolve(bytes ?? Buffer.alloc(0)),
    held,
  };
}

function parsed(bytes: Buffer): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'));
    if (isObject(json)) return json;
  } catch {
    // Refused below.
  }
  throw new ProblemError('bad-request', {
    message:
      'The body is no JSON object. Send {"method": "GET", "path": "/api/2.0/mlflow/runs/get?run_id=…"}.',
  });
}

function problemsOf({ method, path, query, headers, as, ...rest }: Record<string, unknown>): FieldProblem[] {
  const wrong: [field: string, isWrong: boolean, message: string][] = [
    [
      'method',
      typeof method !== 'string' || !METHODS.includes(method),
      `must be one of ${METHODS.join(', ')}`,
    ],
    ['path', typeof path !== 'string' || !path.startsWith('/'), 'must be a path that begins with a slash'],
    ['query', query !== undefined && typeof query !== 'string', 'must be a text'],
    [
      'query',
      typeof query === 'string' && typeof path === 'string' && path.includes('?'),
      'must be left out where the path has one',
    ],
    [
      'headers',
      headers !== undefined &&
        !(isObject(headers) && Object.values(headers).every((value) => typeof value === 'string')),
      'must be an object of texts',
    ],
    ...Object.keys(rest)
      .filter((name) => !MEMBERS.includes(name))
      .map((name): [string, boolean, string] => [
        name.slice(0, 64),
        true,
        `is not one of ${MEMBERS.join(', ')}`,
      ]),
  ];
  const problems = wrong.flatMap(([field, isWrong, message]) => (isWrong ? [{ field, message }] : []));
  return as === undefined ? problems : [...problems, ...keyProblems(as)];
}

function keyProblems(as: unknown): FieldProblem[] {
  if (!isObject(as)) return [{ field: 'as', message: 'must be an object with "scopes" and "grants"' }];
  const { scopes, grants } = as;
  const isTexts = Array.isArray(scopes) && scopes.every((scope) => typeof scope === 'string');
  const fault = grants === null ? undefined : grantsFault(grants);
  return [
    ...(scopes === null || isTexts
      ? []
      : [{ field: 'as.scopes', message: 'must be a list of strings, or null' }]),
    ...(fault === undefined
      ? []
      : [{ field: fault.at === '' ? 'as.grants' : `as.grants.${fault.at}`, message: fault.message }]),
  ];
}
