import { Controller, Get, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { Clock } from '../../../platform/clock.js';
import { sendPage } from '../../../platform/browser/page-response.js';
import { CallerTokens } from '../../admin-auth/caller-tokens.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { CONSOLE_SYSTEM } from '../frame/console-paths.js';
import { ConsolePages, nameOf } from '../sign-in/console-requests.js';
import { SystemReports } from './system-facts.js';
import { systemPage } from './system.page.js';

/** The state of the key service itself. */
@Controller()
@ConsolePages()
export class SystemScreenController {
  constructor(
    private readonly reports: SystemReports,
    private readonly callers: CallerTokens,
    private readonly clock: Clock,
  ) {}

  @Get(CONSOLE_SYSTEM)
  async show(@CurrentActor() actor: Actor, @Res() response: ServerResponse): Promise<void> {
    const facts = await this.reports.read();
    const now = new Date(this.clock.now()).toISOString();
    sendPage(response, systemPage(nameOf(actor), { facts, holders: this.callers.holders(), now }));
  }
}
