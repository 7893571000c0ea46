import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { startKeyService, type KeyServiceOptions } from '../../src/key-service/key-service.app.js';
import { LogCapture } from './log-capture.js';

export const TEST_ADMIN_TOKEN = 'admin-token-of-the-tests';
export const TEST_PEPPER = 'pepper-of-the-tests-pepper-of-the-tests';

/** An answer with its body read: parsed JSON where it is some, else null. */
export interface Answered<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

export interface TestKeyService {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly app: INestApplication;
  readonly logs: LogCapture;
  /** Calls a path under `/api/v1` with the admin token, or with the headers given. */
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answered<T>>;
  close(): Promise<void>;
}

/** Starts the key service in this process on a free loopback port; `DATABASE_URL` says on which database. */
export async function startTestKeyService(
  env: Record<string, string>,
  options: Omit<KeyServiceOptions, 'logDestination'> = {},
): Promise<TestKeyService> {
  const logs = new LogCapture();
  const { server } = await startKeyService(
    {
      HOST: '127.0.0.1',
      PORT: '0',
      HOKUSAI_ADMIN_TOKEN: TEST_ADMIN_TOKEN,
      KEY_PEPPER: TEST_PEPPER,
      ...env,
    },
    { ...options, logDestination: logs },
  );
  return {
    url: server.url,
    app: server.app,
    logs,
    call: (method, path, body, headers) => callJson(`${server.url}/api/v1${path}`, method, body, headers),
    close: () => server.close({ timeoutMs: 1000 }),
  };
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
