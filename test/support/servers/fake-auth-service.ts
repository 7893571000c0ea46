import type { ServerResponse } from 'node:http';
import {
  DETAIL_API_KEY_REQUIRED,
  DETAIL_INVALID_API_KEY,
  type ValidateKeyRequest,
  type ValidateKeyResponse,
} from '../../../src/contracts/keys/key-validation.js';
import { ROUTE_KEYS_VALIDATE } from '../../../src/contracts/http/routes.js';
import { sendJson, startRecordingUpstream, type RecordedRequest } from './recording-upstream.js';

/** One validation call, read under either contract. */
export interface ValidationCall {
  readonly contract: 'body' | 'header';
  readonly apiKey: string;
  readonly body: ValidateKeyRequest;
  readonly headers: RecordedRequest['headers'];
}

/** What is said about a key: facts, or an answer written by hand. */
export type KeyAnswer = ValidateKeyResponse | ((call: ValidationCall, response: ServerResponse) => unknown);

export interface FakeAuthServiceOptions {
  /** Contracts it speaks; a key in another place is "API key required". Default both. */
  contracts?: readonly ('body' | 'header')[];
  /** Port to listen on, so that a stopped service can come back; 0 picks a free one. */
  port?: number;
}

export interface FakeAuthService {
  readonly url: string;
  readonly port: number;
  readonly calls: ValidationCall[];
  /** Every request, also those that were no validation. */
  readonly requests: RecordedRequest[];
  /** Makes a key known; without facts it is valid and no more is said. */
  know(apiKey: string, answer?: KeyAnswer): void;
  forget(apiKey: string): void;
  /** Answers every key this way, until called with nothing. */
  override(answer?: (request: RecordedRequest, response: ServerResponse) => unknown): void;
  close(): Promise<void>;
}

/** An auth service that answers as the test says, under both contracts, and records every call. */
export async function startFakeAuthService(options: FakeAuthServiceOptions = {}): Promise<FakeAuthService> {
  const { contracts = ['body', 'header'], port = 0 } = options;
  const keys = new Map<string, KeyAnswer>();
  const calls: ValidationCall[] = [];
  let everything: ((request: RecordedRequest, response: ServerResponse) => unknown) | undefined;

  const upstream = await startRecordingUpstream(async (request, response) => {
    const call = readCall(request);
    if (call) calls.push(call);
    if (everything) return void (await everything(request, response));
    if (request.url !== ROUTE_KEYS_VALIDATE || request.method !== 'POST')
      return sendJson(response, 404, { detail: 'Not Found' });
    if (!call || !contracts.includes(call.contract))
      return sendJson(response, 401, { detail: DETAIL_API_KEY_REQUIRED });
    const answer = keys.get(call.apiKey);
    if (answer === undefined) return sendJson(response, 401, { detail: DETAIL_INVALID_API_KEY });
    if (typeof answer === 'function') return void (await answer(call, response));
    sendJson(response, 200, answer);
  }, port);

  return {
    url: upstream.url,
    port: Number(new URL(upstream.url).port),
    calls,
    requests: upstream.requests,
    know: (apiKey, answer = { valid: true, key_id: `id-of-${apiKey.slice(-6)}` }) => keys.set(apiKey, answer),
    forget: (apiKey) => keys.delete(apiKey),
    override: (answer) => (everything = answer),
    close: () => upstream.close(),
  };
}

function readCall(request: RecordedRequest): ValidationCall | undefined {
  let body: ValidateKeyRequest;
  try {
    body = JSON.parse(request.body.toString()) as ValidateKeyRequest;
  } catch {
    return undefined;
  }
  const { headers } = request;
  if (typeof body.api_key === 'string') return { contract: 'body', apiKey: body.api_key, body, headers };
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  return bearer === undefined ? undefined : { contract: 'header', apiKey: bearer, body, headers };
}
