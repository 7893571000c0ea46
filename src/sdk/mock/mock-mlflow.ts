import type { FetchInit, FetchLike } from '../http/transport.types.js';
import { GENERATED_FROM_MLFLOW, MLFLOW_ROUTES } from '../mlflow/generated/routes.js';
import { answerArtifacts, MOCK_ARTIFACTS_PATH } from './mock-artifacts.js';
import { experimentHandlers } from './mock-experiments.js';
import { MockFault } from './mock-fault.js';
import type { MockHandlers } from './mock-handlers.js';
import { modelHandlers } from './mock-models.js';
import { runHandlers } from './mock-runs.js';
import { MockStore } from './mock-store.js';
import { versionHandlers } from './mock-versions.js';

type AnyHandler = (request: object) => object;

/** Query members that repeat; the rest are single. */
const LISTS = new Set(['order_by', 'experiment_ids', 'stages', 'run_ids']);

/**
 * MLflow in memory, as a `fetch`: experiments, runs, artifacts, registered models and versions, with the real
 * statuses and error codes. Routes that it does not have answer 501, so that nothing passes by accident.
 */
export class MockMlflow {
  readonly #store: MockStore;
  readonly #handlers: Map<string, AnyHandler>;

  constructor(now?: () => number) {
    this.#store = new MockStore(now);
    const all: MockHandlers = {
      ...experimentHandlers(this.#store),
      ...runHandlers(this.#store),
      ...modelHandlers(this.#store),
      ...versionHandlers(this.#store),
    };
    this.#handlers = new Map(
      Object.entries(all).map(([name, handler]) => {
        const { method, path } = MLFLOW_ROUTES[name as keyof typeof MLFLOW_ROUTES];
        return [`${method} ${path}`, handler as AnyHandler];
      }),
    );
  }

  /** In place of the global `fetch`; the tracking URI may be any. */
  readonly fetch: FetchLike = async (address, init) => {
    init.signal.throwIfAborted();
    const url = new URL(address);
    try {
      return await this.#answer(url, init);
    } catch (error) {
      if (!(error instanceof MockFault)) throw error;
      return Response.json({ error_code: error.errorCode, message: error.message }, { status: error.status });
    }
  };

  async #answer(url: URL, init: FetchInit): Promise<Response> {
    if (url.pathname.endsWith('/version')) return new Response(`${GENERATED_FROM_MLFLOW}+mock`);
    if (url.pathname.endsWith('/health')) return new Response('OK');
    const start = url.pathname.search(/\/api\/[23]\.0\/?mlflow/);
    const path = start === -1 ? url.pathname : url.pathname.slice(start);
    if (path.startsWith(MOCK_ARTIFACTS_PATH)) return answerArtifacts(this.#store, url, path, init);
    const handler = this.#handlers.get(`${init.method} ${path}`);
    if (!handler)
      throw new MockFault(
        501,
        'NOT_IMPLEMENTED',
        `Mock mode has no ${init.method} ${path}; use a real MLflow for it`,
      );
    const body =
      typeof init.body === 'string' ? (JSON.parse(init.body) as object) : fromQuery(url.searchParams);
    // Through JSON, so that no answer is a view of the store.
    return Response.json(JSON.parse(JSON.stringify(handler(body))));
  }
}

function fromQuery(query: URLSearchParams): object {
  const members = [...new Set(query.keys())].map((name) => [
    name,
    LISTS.has(name) ? query.getAll(name) : query.get(name),
  ]);
  return Object.fromEntries(members) as object;
}
