import type { ExplainRequest, ExplainResponse, WhoamiResponse } from '../../contracts/keys/access-explain.js';
import { ROUTE_EXPLAIN, ROUTE_WHOAMI } from '../../contracts/http/routes.js';
import { ConfigurationError } from '../errors.js';
import { HttpTransport } from '../http/http-transport.js';
import type { CallOptions, TransportRequest } from '../http/transport.types.js';
import { resolveSettings, type SdkOptions } from '../settings.js';
import { warnOfPlainHttp } from '../warnings.js';

/** Without these an answer is not the gateway's. */
const WHOAMI = { credential: 'string', client_ip: 'string', limits: [{ name: 'string' }] } as const;
const EXPLANATION = { decision: 'string', findings: [{ kind: 'string' }] } as const;

/**
 * Asks the gateway itself about a key, below the tracking URI: what it may do, and why. It has no mock, because a
 * made-up answer would prove nothing.
 */
export class GatewayClient {
  readonly trackingUri: string;
  readonly #transport: HttpTransport;
  readonly #hasKey: boolean;

  /** @throws ConfigurationError with all problems at once */
  constructor(options: SdkOptions = {}) {
    const { apiKey, trackingUri } = resolveSettings(options);
    this.trackingUri = trackingUri;
    this.#hasKey = apiKey !== undefined;
    if (this.#hasKey) warnOfPlainHttp(trackingUri);
    this.#transport = new HttpTransport({
      baseUrl: trackingUri,
      authorization: () => apiKey && `Bearer ${apiKey}`,
      fetch: options.fetch,
      timeoutMs: options.timeoutMs ?? 30_000,
      maxAnswerBytes: options.maxAnswerBytes,
      retry: options.retry,
      onAttempt: options.onAttempt,
    });
  }

  /** The key's id, scopes, grants and limits, as the gateway sees them now. */
  async whoami(options?: CallOptions): Promise<WhoamiResponse> {
    return this.#ask({ method: 'GET', path: ROUTE_WHOAMI, needs: WHOAMI }, options);
  }

  /** What would happen to a request, and why; it is not sent to MLflow. With `as`, for keys with the scope `admin`. */
  async explain(request: ExplainRequest, options?: CallOptions): Promise<ExplainResponse> {
    return this.#ask(
      { method: 'POST', path: ROUTE_EXPLAIN, json: request, repeatable: true, needs: EXPLANATION },
      options,
    );
  }

  async #ask<T>(request: TransportRequest, options: CallOptions | undefined): Promise<T> {
    if (!this.#hasKey)
      throw new ConfigurationError(['HOKUSAI_API_KEY (or MLFLOW_TRACKING_TOKEN, or apiKey) must be set']);
    return this.#transport.json<T>(request, options);
  }
}
