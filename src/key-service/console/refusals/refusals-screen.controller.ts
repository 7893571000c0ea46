import { Controller, Get, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DAY_MS } from '../../../lib/durations.js';
import { Clock } from '../../../platform/clock.js';
import { sendPage } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { CONSOLE_REFUSALS } from '../frame/console-paths.js';
import { ConsolePages, given, nameOf, queryOf } from '../sign-in/console-requests.js';
import { LimitReports } from './limit-reports.js';
import { REFUSAL_RANGES, refusalsPage } from './refusals.page.js';

/** Shows refusals and exceeded limits. */
@Controller()
@ConsolePages()
export class RefusalsScreenController {
  constructor(
    private readonly reports: LimitReports,
    private readonly clock: Clock,
  ) {}

  @Get(CONSOLE_REFUSALS)
  async show(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const query = queryOf(request);
    const { days, key_id: keyId } = given(query);
    const known = REFUSAL_RANGES.some(([value]) => value === days) ? Number(days) : 1;
    const from = new Date(this.clock.now() - known * DAY_MS).toISOString();
    const reports = await this.reports.since(from, keyId);
    sendPage(response, refusalsPage(nameOf(actor), { query, ...reports }));
  }
}
