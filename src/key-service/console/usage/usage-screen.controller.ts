import { Controller, Get, Req, Res } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UsageSeriesResponse } from '../../../contracts/usage/usage-series.js';
import { DAY_MS } from '../../../lib/durations.js';
import { Clock } from '../../../platform/clock.js';
import { sendPage } from '../../../platform/browser/page-response.js';
import { CurrentActor } from '../../admin-auth/current-actor.decorator.js';
import type { Actor } from '../../audit/audit-writer.js';
import { KeysService } from '../../keys/keys.service.js';
import { parseFields } from '../../request-fields/parse-fields.js';
import { UsageSeriesFields } from '../../usage/series/usage-series.fields.js';
import { UsageSeriesService } from '../../usage/series/usage-series.service.js';
import { CONSOLE_USAGE } from '../frame/console-paths.js';
import { ConsolePages, given, nameOf, queryOf } from '../sign-in/console-requests.js';
import { csvOf, sendCsv } from '../parts/csv.js';
import { dayRange } from '../parts/day-range.js';
import { groupName } from './usage-words.js';
import { usagePage, USAGE_RANGES } from './usage.page.js';

const MAX_DAYS_OF_HOURS = 31;
/** Series in a CSV file: the maximum. */
const CSV_SERIES = '100';

/** Usage as a page and as a file. */
@Controller()
@ConsolePages()
export class UsageScreenController {
  constructor(
    private readonly series: UsageSeriesService,
    private readonly keys: KeysService,
    private readonly clock: Clock,
  ) {}

  @Get(CONSOLE_USAGE)
  async show(
    @CurrentActor() actor: Actor,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const query = queryOf(request);
    const { usage, tooLongForHours } = await this.usageOf(query);
    const id = query.get('key_id') ?? '';
    const key = id === '' ? undefined : { id, name: (await this.keys.get(id)).name };
    sendPage(response, usagePage(nameOf(actor), { query, usage, key, tooLongForHours }));
  }

  @Get(`${CONSOLE_USAGE}.csv`)
  async file(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    const { usage } = await this.usageOf(queryOf(request), CSV_SERIES);
    sendCsv(response, 'usage.csv', csvOf(rowsOf(usage)));
  }

  /** @throws ProblemError 400 for a range or filter that is not possible */
  private async usageOf(
    query: URLSearchParams,
    top?: string,
  ): Promise<{ usage: UsageSeriesResponse; tooLongForHours: boolean }> {
    const { days = '1', from, to, period, ...filters } = given(query);
    const now = this.clock.now();
    const known = USAGE_RANGES.some(([value]) => value === days) ? Number(days) : 1;
    const range = dayRange({
      from: from ?? (to === undefined ? new Date(now - known * DAY_MS).toISOString() : undefined),
      to,
    });
    const lengthMs = Date.parse(range.to ?? new Date(now).toISOString()) - Date.parse(range.from ?? '');
    const tooLongForHours = period === 'hour' && lengthMs > MAX_DAYS_OF_HOURS * DAY_MS;
    const fields = parseFields(
      { ...filters, ...range, period: tooLongForHours ? 'day' : period, top },
      UsageSeriesFields,
    );
    return { usage: await this.series.series(fields), tooLongForHours };
  }
}

/** A line for each group and period with a request. */
function rowsOf(usage: UsageSeriesResponse): (string | number | null)[][] {
  const { from, period, group_by: by, series, rest } = usage;
  const stepMs = period === 'hour' ? DAY_MS / 24 : DAY_MS;
  const start = (index: number): string => new Date(Date.parse(from) + index * stepMs).toISOString();
  const lines = (group: string | null, name: string, points: readonly number[]) =>
    points.flatMap((requests, index) => (requests === 0 ? [] : [[start(index), group, name, requests]]));
  return [
    ['from', by, 'name', 'requests'],
    ...series.flatMap((one) => lines(one.group, groupName(one, by), one.points)),
    ...(rest === null ? [] : lines('', `${rest.groups} others`, rest.points)),
  ];
}
