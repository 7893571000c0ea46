import type { AuditEntryResource, AuditResponse, AuditVerification } from '../contracts/audit.js';
import type {
  CreateKeyRequest,
  CreateKeyResponse,
  KeyResource,
  ListKeysResponse,
  RotateKeyRequest,
  RotateKeyResponse,
  UpdateKeyRequest,
} from '../contracts/key-management.js';
import type { ValidateKeyRequest } from '../contracts/key-validation.js';
import {
  ROUTE_AUDIT,
  ROUTE_AUDIT_VERIFY,
  ROUTE_KEYS,
  ROUTE_KEYS_VALIDATE,
  ROUTE_USAGE_SUMMARY,
} from '../contracts/routes.js';
import type { KeyUsageResponse, UsageSummaryResponse } from '../contracts/usage.js';
import { ConfigurationError, ServiceUnavailableError, ValidationError } from './errors.js';
import { type Answer, type CallOptions, HttpTransport, type TransportRequest } from './http-transport.js';
import { type KeyValidation, parseValidation, refusalDetail, saysKeyRequired } from './key-validation.js';
import { pathSegment, toQuery } from './query.js';
import type {
  AuditQuery,
  CreateKeyInput,
  ListKeysQuery,
  UsageQuery,
  UsageSummaryQuery,
} from './auth-queries.js';
import { resolveSettings, secretProblem, type SdkOptions, type Settings } from './settings.js';

/** Where the key travels in a validation: as Bearer, in the body, or whichever the service understands. */
export type ValidationContract = 'auto' | 'header' | 'body';

export interface AuthClientOptions extends SdkOptions {
  /** Default `auto`. */
  readonly contract?: ValidationContract | undefined;
}

export interface ValidateOptions extends CallOptions {
  /** Default: the client's own service id. */
  readonly serviceId?: string | undefined;
  /** Address to judge the key's allow-list by. */
  readonly clientIp?: string | undefined;
}

/**
 * The authentication service: is a key good, and key management with an admin token. It never fails open:
 * `validate` says yes only where the service said yes; an outage is an error.
 */
export class AuthClient {
  readonly url: string;
  readonly #settings: Settings;
  readonly #transport: HttpTransport;
  #contract: ValidationContract;

  /** @throws ConfigurationError */
  constructor(options: AuthClientOptions = {}) {
    const settings = resolveSettings(options);
    this.url = settings.authServiceUrl;
    this.#settings = settings;
    this.#contract = options.contract ?? 'auto';
    this.#transport = new HttpTransport({
      baseUrl: settings.authServiceUrl,
      authorization: () => settings.adminToken && `Bearer ${settings.adminToken}`,
      fetch: options.fetch,
      timeoutMs: options.timeoutMs ?? 30_000,
      retry: options.retry,
      onAttempt: options.onAttempt,
    });
  }

  /**
   * Asks the service about a key, by default the configured one.
   *
   * @throws ConfigurationError without a key; ServiceUnavailableError, ConnectionError, TimeoutError,
   *   RateLimitError, PermissionDeniedError or UnexpectedResponseError where there was no verdict
   */
  async validate(apiKey?: string, options: ValidateOptions = {}): Promise<KeyValidation> {
    const key = apiKey ?? this.#settings.apiKey;
    if (key === undefined) throw new ConfigurationError(['HOKUSAI_API_KEY (or apiKey) must be set']);
    const problem = secretProblem(key);
    if (problem) throw new ValidationError(`The API key ${problem}`);
    const serviceId = options.serviceId ?? this.#settings.serviceId;
    const contracts = this.#contract === 'auto' ? (['header', 'body'] as const) : [this.#contract];
    let refusal: KeyValidation | undefined;
    for (const contract of contracts) {
      const answer = await this.#ask(contract, key, serviceId, options);
      if (answer.status === 200) {
        const verdict = parseValidation(answer.text, serviceId);
        this.#contract = contract;
        return verdict;
      }
      if (answer.status === 401 && !saysKeyRequired(answer.text))
        refusal = { valid: false, detail: refusalDetail(answer.text).replaceAll(key, '[redacted]') };
    }
    if (refusal) return refusal;
    throw new ServiceUnavailableError(
      'The authentication service did not take the key under any known contract',
      {
        troubleshooting:
          'The key counts as not validated. Check that HOKUSAI_AUTH_SERVICE_URL is the authentication service.',
      },
    );
  }

  /** Issues a key; the answer is the only place where it is ever shown. */
  createKey(key: CreateKeyInput, options?: CallOptions): Promise<CreateKeyResponse> {
    const json: CreateKeyRequest = { ...key, service_id: key.service_id ?? this.#settings.serviceId };
    return this.#manage({ method: 'POST', path: ROUTE_KEYS, json }, options);
  }

  /** Keys, page by page as they are needed. */
  listKeys(query: ListKeysQuery = {}, options?: CallOptions): AsyncGenerator<KeyResource, void, undefined> {
    return pages(query, async (page) => {
      const { keys, next_cursor } = await this.listKeysPage(page, options);
      return { items: keys, next_cursor };
    });
  }

  listKeysPage(query: ListKeysQuery = {}, options?: CallOptions): Promise<ListKeysResponse> {
    return this.#manage({ method: 'GET', path: ROUTE_KEYS, query: toQuery(query) }, options);
  }

  async getKey(keyId: string, options?: CallOptions): Promise<KeyResource> {
    return this.#manage({ method: 'GET', path: keyPath(keyId) }, options);
  }

  async updateKey(keyId: string, changes: UpdateKeyRequest, options?: CallOptions): Promise<KeyResource> {
    // The same change twice is the same change.
    return this.#manage({ method: 'PATCH', path: keyPath(keyId), json: changes, repeatable: true }, options);
  }

  /** Revokes at once and for good; gives the key as it then is. Asked for twice, it is done once. */
  async revokeKey(keyId: string, options?: CallOptions): Promise<KeyResource> {
    await this.#manage({ method: 'DELETE', path: keyPath(keyId), repeatable: true }, options);
    return this.getKey(keyId, options);
  }

  /** Issues a successor; the old key stays valid for `overlap_seconds`, never beyond its own expiry. */
  async rotateKey(
    keyId: string,
    rotation: RotateKeyRequest = {},
    options?: CallOptions,
  ): Promise<RotateKeyResponse> {
    return this.#manage({ method: 'POST', path: `${keyPath(keyId)}/rotate`, json: rotation }, options);
  }

  /** Usage of one key, and which addresses used it last. */
  async usage(keyId: string, query: UsageQuery = {}, options?: CallOptions): Promise<KeyUsageResponse> {
    return this.#manage({ method: 'GET', path: `${keyPath(keyId)}/usage`, query: toQuery(query) }, options);
  }

  usageSummary(query: UsageSummaryQuery = {}, options?: CallOptions): Promise<UsageSummaryResponse> {
    return this.#manage({ method: 'GET', path: ROUTE_USAGE_SUMMARY, query: toQuery(query) }, options);
  }

  /** Entries of the audit log, page by page as they are needed. */
  audit(query: AuditQuery = {}, options?: CallOptions): AsyncGenerator<AuditEntryResource, void, undefined> {
    return pages(query, async (page) => {
      const { entries, next_cursor } = await this.auditPage(page, options);
      return { items: entries, next_cursor };
    });
  }

  auditPage(query: AuditQuery = {}, options?: CallOptions): Promise<AuditResponse> {
    return this.#manage({ method: 'GET', path: ROUTE_AUDIT, query: toQuery(query) }, options);
  }

  /** Lets the service check the hash chain of its audit log. */
  verifyAudit(options?: CallOptions): Promise<AuditVerification> {
    return this.#manage({ method: 'GET', path: ROUTE_AUDIT_VERIFY }, options);
  }

  async #manage<T>(request: TransportRequest, options?: CallOptions): Promise<T> {
    if (this.#settings.adminToken === undefined)
      throw new ConfigurationError(['HOKUSAI_ADMIN_TOKEN (or adminToken) must be set for key management']);
    return this.#transport.json<T>(request, options);
  }

  #ask(
    contract: 'header' | 'body',
    key: string,
    serviceId: string,
    options: ValidateOptions,
  ): Promise<Answer> {
    const json: ValidateKeyRequest = {
      ...(contract === 'body' && { api_key: key }),
      service_id: serviceId,
      ...(options.clientIp !== undefined && { client_ip: options.clientIp }),
    };
    const request: TransportRequest = {
      method: 'POST',
      path: ROUTE_KEYS_VALIDATE,
      json,
      authorization: contract === 'header' ? `Bearer ${key}` : null,
      // Under a fixed contract only a 401 is an answer; `auto` also learns from "not like this".
      expect: this.#contract === 'auto' ? [400, 401, 422] : [401],
      repeatable: true,
      secrets: [key],
    };
    return this.#transport.answer(request, options);
  }
}

/** @throws ValidationError on an empty id, which would name the whole collection */
function keyPath(keyId: string): string {
  return `${ROUTE_KEYS}/${pathSegment('keyId', keyId)}`;
}

async function* pages<T, Q extends { cursor?: string }>(
  query: Q,
  fetchPage: (query: Q) => Promise<{ items: T[]; next_cursor: string | null }>,
): AsyncGenerator<T, void, undefined> {
  for (let cursor: string | null | undefined = query.cursor; cursor !== null;) {
    const page = await fetchPage(cursor === undefined ? query : { ...query, cursor });
    yield* page.items;
    cursor = page.next_cursor ?? null;
  }
}
