import { Client, Pool, type Dispatcher } from 'undici';
import type { MlflowConfig } from '../config/mlflow.config.js';

/** One connection slot of the pool. */
export interface Connection {
  /** Requests that the present socket was given. */
  served: number;
}

/** A handler that wants to know its connection before it starts. */
interface ConnectionAware {
  connection: Connection | undefined;
}

/** Below the 5 s after which uvicorn drops idle connections without notice. */
const KEEP_ALIVE_MS = 4000;
/** Twice what the gateway itself takes: MLflow may echo what it was sent. */
const MAX_HEADER_BYTES = 256 * 1024;

/** Counts what each socket served, to tell a dropped idle connection from a broken new one. */
class CountingClient extends Client implements Connection {
  served = 0;

  constructor(origin: string | URL, options: Client.Options) {
    super(origin, options);
    this.on('connect', () => {
      this.served = 0;
    });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    (handler as Partial<ConnectionAware>).connection = this;
    return super.dispatch(options, handler);
  }
}

/** Two pools to one MLflow: connections kept for re-use, and a fresh one per request for what is repeated. */
export function createPools(config: MlflowConfig): { pool: Dispatcher; freshPool: Dispatcher } {
  const { origin } = new URL(config.serverUrl);
  const options: Pool.Options = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    headersTimeout: config.headersTimeoutSeconds * 1000,
    bodyTimeout: config.bodyIdleTimeoutSeconds * 1000,
    connectTimeout: config.connectTimeoutMs,
    maxHeaderSize: MAX_HEADER_BYTES,
    allowH2: false,
  };
  return {
    pool: new Pool(origin, {
      ...options,
      pipelining: 1,
      factory: (url, clientOptions) => new CountingClient(url, clientOptions),
    }),
    freshPool: new Pool(origin, { ...options, pipelining: 0 }),
  };
}
