import { Controller, Get, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendPage } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import { sendAuditLines } from '../../audit/audit-export.js';
import { AuditLog } from '../../audit/audit-log.js';
import { AuditWatch } from '../../audit/audit-watch.js';
import type { Actor } from '../../audit/audit-writer.js';
import { AuditFilterFields, ListAuditFields } from '../../audit/audit.fields.js';
import { KeyLists } from '../../keys/lists/key-lists.js';
import { parseFields } from '../../request-fields/parse-fields.js';
import { auditPage } from './audit.page.js';
import { CONSOLE_AUDIT } from '../frame/console-paths.js';
import { ConsolePages, given, nameOf, queryOf } from '../sign-in/console-requests.js';
import { dayRange } from '../parts/day-range.js';

/** The audit log as a page and as a file for signed-in administrators, because the API's routes accept no cookie. */
@Controller()
@ConsolePages()
export class AuditScreenController {
  constructor(
    private readonly log: AuditLog,
    private readonly watch: AuditWatch,
    private readonly lists: KeyLists,
  ) {}

  @Get(CONSOLE_AUDIT)
  async show(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const query = queryOf(request);
    const asked = query.has('check');
    query.delete('check');
    const audit = await this.log.page(parseFields(filtersOf(query), ListAuditFields));
    const names = await this.lists.names(audit.entries.map(({ key_id }) => key_id));
    const chain = asked ? await this.watch.check() : await this.watch.state();
    sendPage(response, auditPage(nameOf(actor), { query, audit, names, chain }));
  }

  @Get(`${CONSOLE_AUDIT}/export`)
  export(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const query = queryOf(request);
    query.delete('cursor');
    return sendAuditLines(response, this.log.lines(parseFields(filtersOf(query), AuditFilterFields)));
  }
}

function filtersOf(query: URLSearchParams): Record<string, string | undefined> {
  const { from, to, ...filters } = given(query);
  return { ...filters, ...dayRange({ from, to }) };
}
