import { Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ROUTE_SERVICES } from '../../contracts/http/routes.js';
import type { ServiceResource, ServicesResponse } from '../../contracts/admin/services.js';
import { CurrentActor } from '../admin-auth/current-actor.decorator.js';
import type { Actor } from '../audit/audit-writer.js';
import { JsonBody } from '../request-fields/json-body.decorator.js';
import { RegisterServiceFields } from './services.fields.js';
import { ServicesService } from './services.service.js';

/** `/api/v1/services`, with an admin token. */
@Controller(ROUTE_SERVICES)
export class ServicesController {
  constructor(private readonly services: ServicesService) {}

  @Get()
  async list(): Promise<ServicesResponse> {
    return { services: await this.services.list() };
  }

  @Post()
  register(
    @CurrentActor() actor: Actor,
    @JsonBody(RegisterServiceFields) fields: RegisterServiceFields,
  ): Promise<ServiceResource> {
    return this.services.register(actor, fields.service_id, fields.description ?? null);
  }

  @Delete(':service_id')
  @HttpCode(204)
  async remove(@CurrentActor() actor: Actor, @Param('service_id') id: string): Promise<void> {
    await this.services.remove(actor, id);
  }
}
