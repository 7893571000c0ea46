import { Inject, Injectable } from '@nestjs/common';
import type { Dispatcher } from 'undici';
import { MlflowConfig } from '../config/mlflow.config.js';
import { createPools } from './upstream-pool.js';
import type { UpstreamTargetOptions } from './upstream-target.js';

/** Where MLflow is, and the connections to it: for requests of clients and for what the gateway itself asks. */
@Injectable()
export class MlflowUpstream {
  readonly host: string;
  readonly target: UpstreamTargetOptions;
  /** Connections that are kept and used again. */
  readonly pool: Dispatcher;
  /** A new connection for every request. */
  readonly freshPool: Dispatcher;

  constructor(@Inject(MlflowConfig) readonly config: MlflowConfig) {
    const { host, pathname } = new URL(config.serverUrl);
    this.host = host;
    this.target = { basePath: pathname.replace(/\/+$/, ''), dialect: config.apiDialect };
    const { pool, freshPool } = createPools(config);
    this.pool = pool;
    this.freshPool = freshPool;
  }

  /** Ends what is under way too. */
  async destroy(): Promise<void> {
    await Promise.all([this.pool.destroy(), this.freshPool.destroy()]);
  }
}
