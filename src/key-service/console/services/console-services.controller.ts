import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { sendPage, sendSeeOther } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { parseFields } from '../../request-fields/parse-fields.js';
import { RegisterServiceFields } from '../../services/services.fields.js';
import { ServicesService } from '../../services/services.service.js';
import { CONSOLE_SERVICES } from '../frame/console-paths.js';
import { ConsolePages, formOf, given, nameOf } from '../sign-in/console-requests.js';
import { servicesPage } from './services.page.js';

/** Services that keys may be for. */
@Controller(CONSOLE_SERVICES)
@ConsolePages()
export class ConsoleServicesController {
  constructor(private readonly services: ServicesService) {}

  @Get()
  async list(@CurrentActor() actor: Actor, @Res() response: ServerResponse): Promise<void> {
    await this.show(response, actor, new URLSearchParams());
  }

  @Post()
  async register(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const form = await formOf(request);
    await this.change(response, actor, form, async () => {
      const { service_id, description } = parseFields(
        { service_id: '', ...given(form) },
        RegisterServiceFields,
      );
      await this.services.register(actor, service_id, description ?? null);
    });
  }

  @Post(':service_id/remove')
  async remove(
    @CurrentActor() actor: Actor,
    @Param('service_id') id: string,
    @Res() response: ServerResponse,
  ): Promise<void> {
    await this.change(response, actor, new URLSearchParams(), () => this.services.remove(actor, id));
  }

  /** Shows the list again: what it refuses stands above it. */
  private async change(
    response: ServerResponse,
    actor: Actor,
    form: URLSearchParams,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status >= 500) throw error;
      return this.show(response, actor, form, error);
    }
    sendSeeOther(response, CONSOLE_SERVICES);
  }

  private async show(
    response: ServerResponse,
    actor: Actor,
    values: URLSearchParams,
    problem?: ProblemError,
  ): Promise<void> {
    const services = await this.services.list();
    sendPage(response, servicesPage(nameOf(actor), services, { values, ...(problem && { problem }) }));
  }
}
