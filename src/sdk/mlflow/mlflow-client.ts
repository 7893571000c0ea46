import { ValidationError } from '../errors.js';
import type { CallOptions, TransportRequest } from '../http/transport.types.js';
import { HttpTransport } from '../http/http-transport.js';
import { announceMock, sharedMockFetch } from '../mock/shared-mock.js';
import { pathSegment, toQuery } from '../http/query.js';
import { resolveSettings, type SdkOptions } from '../settings.js';
import { warnOfPlainHttp } from '../warnings.js';
import { ArtifactsClient } from './artifacts-client.js';
import { MLFLOW_ROUTES, type MlflowRoutes } from './generated/routes.js';

/** Name of a REST route, as MLflow's protobuf services name it. */
export type RouteName = keyof MlflowRoutes;

/** One method a route; requests and answers are MLflow's own messages. */
export type MlflowApi = {
  readonly [N in RouteName]: (
    request: MlflowRoutes[N]['request'],
    options?: CallOptions,
  ) => Promise<MlflowRoutes[N]['response']>;
};

/** How a route is called. */
export interface MlflowRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the tracking URI; `{name}` is taken from the request. */
  readonly path: string;
  /** Whether it is a read, or a write whose second time changes nothing. */
  readonly repeatable: boolean;
}

/**
 * MLflow's REST API: `client.api.createRun({…})` for every route of the tracking and registry families, and
 * `client.request` for any other. `ModelRegistry` and `ExperimentManager` are easier to use and built on it.
 */
export class MlflowClient {
  readonly trackingUri: string;
  readonly api: MlflowApi;
  /** The artifact proxy (`mlflow-artifacts:` addresses). */
  readonly artifacts: ArtifactsClient;
  /** Whether this is the in-memory MLflow. */
  readonly isMock: boolean;
  readonly #transport: HttpTransport;

  /** @throws ConfigurationError with all problems at once; also without a key for the default registry */
  constructor(options: SdkOptions = {}) {
    const settings = resolveSettings(options, { needsApiKey: true });
    this.isMock = settings.mock;
    this.trackingUri = settings.trackingUri;
    if (settings.mock) announceMock();
    else if (settings.apiKey) warnOfPlainHttp(settings.trackingUri);
    const { apiKey } = settings;
    this.#transport = new HttpTransport({
      baseUrl: settings.trackingUri,
      authorization: () => apiKey && `Bearer ${apiKey}`,
      fetch: options.fetch ?? (settings.mock ? sharedMockFetch : undefined),
      timeoutMs: options.timeoutMs,
      maxAnswerBytes: options.maxAnswerBytes,
      retry: options.retry,
      onAttempt: options.onAttempt,
    });
    this.artifacts = new ArtifactsClient(this.#transport);
    this.api = buildApi((name, request, call) => this.call(name, request, call));
  }

  /** Calls a route by its name. */
  async call<N extends RouteName>(
    name: N,
    request: MlflowRoutes[N]['request'],
    options?: CallOptions,
  ): Promise<MlflowRoutes[N]['response']> {
    return this.#transport.json(toTransportRequest(MLFLOW_ROUTES[name], request), options);
  }

  /** Calls any JSON route of this MLflow, such as one of a newer version; `{name}` in the path comes from the request. */
  async request<T>(
    method: MlflowRoute['method'],
    path: string,
    request: object = {},
    options?: CallOptions,
  ): Promise<T> {
    if (!path.startsWith('/')) throw new ValidationError('path must start with a slash');
    const route = toTransportRequest({ method, path, repeatable: method === 'GET' }, request);
    // Every route of the table answers with a message; some outside it, such as the deletion of a workspace, with 204.
    return this.#transport.json<T>({ ...route, mayBeEmpty: true }, options);
  }

  /** Version of the MLflow server, such as `3.17.2`. */
  async version(options?: CallOptions): Promise<string> {
    return (await this.#transport.answer({ method: 'GET', path: '/version' }, options)).text.trim();
  }
}

/** A route and a request message as an HTTP request: path members first, the rest as query (GET) or JSON. */
function toTransportRequest(route: MlflowRoute, request: object): TransportRequest {
  const rest: Record<string, unknown> = { ...request };
  const path = route.path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = name
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], request);
    if (typeof value !== 'string') throw new ValidationError(`${name} must be a string`);
    // Some handlers of MLflow look for the path's members in the body again.
    if (route.method === 'GET') delete rest[name];
    return pathSegment(name, value);
  });
  const { method, repeatable } = route;
  return method === 'GET' ? { method, path, query: toQuery(rest) } : { method, path, json: rest, repeatable };
}

type Call = <N extends RouteName>(
  name: N,
  request: MlflowRoutes[N]['request'],
  options?: CallOptions,
) => Promise<MlflowRoutes[N]['response']>;

function buildApi(call: Call): MlflowApi {
  const names = Object.keys(MLFLOW_ROUTES) as RouteName[];
  return Object.freeze(
    Object.fromEntries(
      names.map((name) => [
        name,
        (request: object, options?: CallOptions) => call(name, request as never, options),
      ]),
    ),
  ) as unknown as MlflowApi;
}

/** A client as it is, or a new one of options. */
export function clientOf(source: MlflowClient | SdkOptions | undefined): MlflowClient {
  return source instanceof MlflowClient ? source : new MlflowClient(source);
}
