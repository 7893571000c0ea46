import type {
  CreateKeyRequest,
  CreateKeyResponse,
  KeyFacetsResponse,
  KeyLineageResponse,
  KeyResource,
  ListKeysResponse,
  RevokeKeysRequest,
  RevokeKeysResponse,
  RotateKeyRequest,
  RotateKeyResponse,
  UpdateKeyRequest,
} from '../../contracts/keys/key-management.js';
import type { ValidateKeyRequest } from '../../contracts/keys/key-validation.js';
import type { RegisterServiceRequest, ServiceResource } from '../../contracts/admin/services.js';
import { ROUTE_KEYS, ROUTE_KEYS_VALIDATE, ROUTE_SERVICES } from '../../contracts/http/routes.js';
import {
  ConfigurationError,
  ServiceUnavailableError,
  UnexpectedResponseError,
  ValidationError,
} from '../errors.js';
import type { Answer, CallOptions, TransportRequest } from '../http/transport.types.js';
import { HttpTransport } from '../http/http-transport.js';
import { saysKeyRequired } from '../../lib/keys/validation-answer.js';
import { type KeyValidation, parseValidation, refusalDetail } from './key-validation.js';
import { pathSegment, toQuery } from '../http/query.js';
import type { CreateKeyInput, ListKeysQuery } from './auth-queries.js';
import { AuthRotationPolicies } from './auth-rotation-policies.js';
import { keyPath, pages } from './auth-requests.js';
import { Management } from './management.js';
import { redact } from '../http/redaction.js';
import { resolveSettings, secretProblem, type SdkOptions, type Settings } from '../settings.js';

/** Without these an answer is not the key service's. */
const KEY = { key_id: 'string' } as const;
const KEYS = { keys: [KEY] } as const;
const ISSUED_KEY = { key_id: 'string', api_key: 'string' } as const;
const REVOKED_KEY = { key_id: 'string', revoked_at: 'string' } as const;

/** Where the key is in a validation request. */
type Contract = 'header' | 'body';

/**
 * Where the key is in a validation request: as Bearer token, in the body, or in the place that the service
 * understands.
 */
export type ValidationContract = 'auto' | Contract;

export interface AuthClientOptions extends SdkOptions {
  /** Default `auto`. */
  readonly contract?: ValidationContract | undefined;
}

export interface ValidateOptions extends CallOptions {
  /** Default: the client's own service id. */
  readonly serviceId?: string | undefined;
  /** Address that is checked against the key's allow-list. */
  readonly clientIp?: string | undefined;
}

/**
 * The authentication service: validation of keys, and key management with an admin token. It never fails open:
 * `validate` returns a valid key only if the service said so; an outage is an error.
 */
export class AuthClient extends AuthRotationPolicies {
  readonly url: string;
  readonly #settings: Settings;
  readonly #fixed: Contract | undefined;
  /**
   * The contract under which a key was last valid. A refusal does not count, because the service may have looked for
   * the key in another place.
   */
  #learned: Contract | undefined;

  /** @throws ConfigurationError */
  constructor(options: AuthClientOptions = {}) {
    const settings = resolveSettings(options);
    const transport = new HttpTransport({
      baseUrl: settings.authServiceUrl,
      authorization: () => settings.adminToken && `Bearer ${settings.adminToken}`,
      fetch: options.fetch,
      timeoutMs: options.timeoutMs ?? 30_000,
      maxAnswerBytes: options.maxAnswerBytes,
      retry: options.retry,
      onAttempt: options.onAttempt,
    });
    super(new Management(transport, settings.adminToken !== undefined));
    this.url = settings.authServiceUrl;
    this.#settings = settings;
    this.#fixed = options.contract === 'auto' ? undefined : options.contract;
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
    let refusal: KeyValidation | undefined;
    for (const contract of this.#contracts()) {
      const answer = await this.#ask(contract, key, serviceId, options);
      if (answer.status === 200) {
        const verdict = parseValidation(answer.text, serviceId);
        if (verdict.valid) this.#learned = contract;
        return verdict;
      }
      if (answer.status === 401 && !saysKeyRequired(answer.text)) {
        refusal = { valid: false, detail: redact(refusalDetail(answer.text), [key]) };
        if (contract === this.#learned) return refusal;
      }
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
    const json: CreateKeyRequest = {
      ...key,
      ...(key.service_ids === undefined && { service_id: key.service_id ?? this.#settings.serviceId }),
    };
    return this.management.ask({ method: 'POST', path: ROUTE_KEYS, json, needs: ISSUED_KEY }, options);
  }

  /** Keys, page by page as they are needed. */
  listKeys(query: ListKeysQuery = {}, options?: CallOptions): AsyncGenerator<KeyResource, void, undefined> {
    return pages(query, async (page) => {
      const { keys, next_cursor } = await this.listKeysPage(page, options);
      return { items: keys, nextPageToken: next_cursor ?? undefined };
    });
  }

  listKeysPage(query: ListKeysQuery = {}, options?: CallOptions): Promise<ListKeysResponse> {
    return this.management.ask(
      { method: 'GET', path: ROUTE_KEYS, query: toQuery(query), needs: KEYS },
      options,
    );
  }

  /** How many keys there are, by status, service, user and environment. */
  keyFacets(options?: CallOptions): Promise<KeyFacetsResponse> {
    return this.management.ask(
      { method: 'GET', path: `${ROUTE_KEYS}/facets`, needs: { total: 'number' } },
      options,
    );
  }

  /** The line of rotations of a key, oldest first. */
  keyLineage(keyId: string, options?: CallOptions): Promise<KeyLineageResponse> {
    return this.management.ask({ method: 'GET', path: `${keyPath(keyId)}/lineage`, needs: KEYS }, options);
  }

  /** Revokes some keys, or all of an owner, in one operation. Asked for twice, it is done once. */
  revokeKeys(request: RevokeKeysRequest, options?: CallOptions): Promise<RevokeKeysResponse> {
    const path = `${ROUTE_KEYS}/revoke`;
    return this.management.ask(
      { method: 'POST', path, json: request, repeatable: true, needs: { remaining: 'number' } },
      options,
    );
  }

  async getKey(keyId: string, options?: CallOptions): Promise<KeyResource> {
    return this.management.ask({ method: 'GET', path: keyPath(keyId), needs: KEY }, options);
  }

  async updateKey(keyId: string, changes: UpdateKeyRequest, options?: CallOptions): Promise<KeyResource> {
    const path = keyPath(keyId);
    // The same change twice is the same change.
    return this.management.ask(
      { method: 'PATCH', path, json: changes, repeatable: true, needs: KEY },
      options,
    );
  }

  /**
   * Revokes at once and for good; gives the key as it then is. Asked for twice, it is done once.
   *
   * @throws UnexpectedResponseError also where the answers do not show that the key was revoked
   */
  async revokeKey(keyId: string, options?: CallOptions): Promise<KeyResource> {
    const path = keyPath(keyId);
    this.management.requireAdminToken();
    try {
      const { status, headers } = await this.management.transport.answer(
        { method: 'DELETE', path, repeatable: true },
        options,
      );
      if (status !== 204)
        throw new UnexpectedResponseError(`DELETE ${path} was answered ${status} and not 204`, {
          status,
          requestId: headers.get('x-request-id') ?? undefined,
        });
      const key = await this.management.ask<KeyResource>(
        { method: 'GET', path, needs: REVOKED_KEY },
        options,
      );
      if (key.key_id.toLowerCase() !== keyId.toLowerCase())
        throw new UnexpectedResponseError(`GET ${path} was answered with another key`);
      return key;
    } catch (error) {
      throw error instanceof UnexpectedResponseError ? notRevoked(error) : error;
    }
  }

  /** Registers a service, so that keys can be made for it. */
  registerService(service: RegisterServiceRequest, options?: CallOptions): Promise<ServiceResource> {
    const needs = { service_id: 'string' } as const;
    return this.management.ask({ method: 'POST', path: ROUTE_SERVICES, json: service, needs }, options);
  }

  /** Removes a service that no active key is for. */
  async removeService(serviceId: string, options?: CallOptions): Promise<void> {
    const path = `${ROUTE_SERVICES}/${pathSegment('serviceId', serviceId)}`;
    await this.management.ask({ method: 'DELETE', path, mayBeEmpty: true }, options);
  }

  /** Issues a successor; the old key stays valid for `overlap_seconds`, never beyond its own expiry. */
  async rotateKey(
    keyId: string,
    rotation: RotateKeyRequest = {},
    options?: CallOptions,
  ): Promise<RotateKeyResponse> {
    const path = `${keyPath(keyId)}/rotate`;
    return this.management.ask({ method: 'POST', path, json: rotation, needs: ISSUED_KEY }, options);
  }

  /** In the order in which they are tried. */
  #contracts(): readonly Contract[] {
    if (this.#fixed) return [this.#fixed];
    return this.#learned === 'body' ? ['body', 'header'] : ['header', 'body'];
  }

  #ask(contract: Contract, key: string, serviceId: string, options: ValidateOptions): Promise<Answer> {
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
      // With a fixed contract only a 401 is a verdict. With `auto`, 400 and 422 are used too: the service does not
      // understand this contract.
      expect: this.#fixed ? [401] : [400, 401, 422],
      repeatable: true,
      secrets: [key],
    };
    return this.management.transport.answer(request, options);
  }
}

/** A revocation counts only if the answer shows that it is from the key service. */
function notRevoked({ message, status, requestId }: UnexpectedResponseError): UnexpectedResponseError {
  return new UnexpectedResponseError(
    `The key may still be valid, because what answered may not be the key service: ${message}`,
    {
      status,
      requestId,
      troubleshooting: 'Check HOKUSAI_AUTH_SERVICE_URL (or authServiceUrl), and revoke the key again.',
    },
  );
}
