import { Controller, Get } from '@nestjs/common';
import { ROUTE_HEALTH, ROUTE_HEALTH_LIVE, ROUTE_HEALTH_READY } from '../../contracts/http/routes.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { Public } from '../../platform/route-access/public.decorator.js';
import { ServerState } from '../../platform/http/server-state.js';
import { StorageHealth } from './storage-health.js';

const RETRY_AFTER_SECONDS = 2;

/** For load balancers. Liveness is of the process alone: an outage of storage must not have every replica killed. */
@Controller()
export class KeyServiceHealthController {
  constructor(
    private readonly state: ServerState,
    private readonly storage: StorageHealth,
  ) {}

  @Get([ROUTE_HEALTH, ROUTE_HEALTH_LIVE])
  @Public('says nothing but that the process answers')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 503 while starting, draining, or without storage. */
  @Get(ROUTE_HEALTH_READY)
  @Public('says nothing but whether requests are served')
  async ready(): Promise<{ status: 'ok' }> {
    const ready = this.state.ready && (await this.storage.answers());
    if (!ready) throw new ProblemError('not-ready', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    return { status: 'ok' };
  }
}
