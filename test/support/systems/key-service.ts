import { startKeyService, type KeyServiceOptions } from '../../../src/key-service/key-service.app.js';
import { RotationPlanner } from '../../../src/key-service/rotation/rotation-planner.js';
import { RotationSender } from '../../../src/key-service/rotation/rotation.sender.js';
import { UsageRetention } from '../../../src/key-service/usage/usage-retention.js';
import { startInProcess, type InProcess } from './in-process.js';

export const TEST_ADMIN_TOKEN = 'admin-token-of-the-tests';
export const TEST_PEPPER = 'pepper-of-the-tests-pepper-of-the-tests';

/** An answer with its body read: parsed JSON where it is some, else null. */
export interface Answered<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

/** What tests ask of a key service, wherever it runs. */
export interface KeyServiceCalls {
  /** Calls a path under `/api/v1` with the admin token, or with the headers given. */
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answered<T>>;
}

export interface TestKeyService extends InProcess, KeyServiceCalls {}

/** Starts the key service in this process on a free loopback port; `DATABASE_URL` says on which database. */
export async function startTestKeyService(
  env: Record<string, string>,
  options: Omit<KeyServiceOptions, 'logDestination'> = {},
): Promise<TestKeyService> {
  const defaults = { HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN, KEY_PEPPER: TEST_PEPPER };
  const service = await startInProcess(startKeyService, { ...defaults, ...env }, options);
  return {
    ...service,
    call: (method, path, body, headers) => callJson(`${service.url}/api/v1${path}`, method, body, headers),
  };
}

/** Resolves once the sweep of the start is over: it would take old records that a test reports meanwhile. */
export async function afterFirstSweep({ app }: TestKeyService): Promise<void> {
  await app.get(UsageRetention, { strict: false }).sweep();
}

/** What a key service does for rotation policies by itself, now: it looks for keys that are due, and hands successors over. */
export async function rotationTurn({ app }: TestKeyService): Promise<void> {
  await app.get(RotationPlanner, { strict: false }).look();
  await app.get(RotationSender, { strict: false }).send();
}

/** One request with a JSON body, by default with the admin token of the tests. */
export async function callJson<T = Record<string, unknown>>(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${TEST_ADMIN_TOKEN}` },
): Promise<Answered<T>> {
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? null : JSON.parse(text)) as T,
  };
}
