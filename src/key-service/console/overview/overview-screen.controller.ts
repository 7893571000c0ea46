import { Controller, Get, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { Clock } from '../../../platform/clock.js';
import { sendPage } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { KeyLists } from '../../keys/lists/key-lists.js';
import { UsageSeriesService } from '../../usage/series/usage-series.service.js';
import { AttentionFinder } from './attention.js';
import { CONSOLE } from '../frame/console-paths.js';
import { ConsolePages, nameOf } from '../sign-in/console-requests.js';
import { overviewPage } from './overview.page.js';
import { RecentChanges } from './recent-changes.js';

/** The first page after the sign-in. */
@Controller()
@ConsolePages()
export class OverviewScreenController {
  constructor(
    private readonly lists: KeyLists,
    private readonly series: UsageSeriesService,
    private readonly attention: AttentionFinder,
    private readonly changes: RecentChanges,
    private readonly clock: Clock,
  ) {}

  @Get(CONSOLE)
  async show(@CurrentActor() actor: Actor, @Res() response: ServerResponse): Promise<void> {
    const [facets, usage, attention, changes] = await Promise.all([
      this.lists.facets(),
      this.series.series({}),
      this.attention.find(),
      this.changes.read(),
    ]);
    const now = new Date(this.clock.now()).toISOString();
    sendPage(response, overviewPage(nameOf(actor), { facets, usage, attention, ...changes, now }));
  }
}
