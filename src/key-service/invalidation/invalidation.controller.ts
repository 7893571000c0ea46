import { Controller, Get } from '@nestjs/common';
import type { InvalidationsResponse } from '../../contracts/admin/gateway-state.js';
import { ROUTE_INVALIDATIONS } from '../../contracts/http/routes.js';
import { Outbox } from './outbox.js';

/** `/api/v1/invalidations`, with an admin token: which gateways have not received changes yet. */
@Controller(ROUTE_INVALIDATIONS)
export class InvalidationController {
  constructor(private readonly outbox: Outbox) {}

  @Get()
  async list(): Promise<InvalidationsResponse> {
    return { gateways: await this.outbox.byGateway() };
  }
}
