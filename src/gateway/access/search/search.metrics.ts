import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';

/** How a list was reduced to what a key is granted. */
export type SearchStrategy =
  /** MLflow was asked only for what is granted. */
  | 'restricted'
  /** Pages were put together from several pages of MLflow. */
  | 'filled'
  /** Ids that are not granted were left out of the request. */
  | 'pruned'
  /** Entries that are not granted were left out of the answer. */
  | 'filtered';

/** Searches and lists of keys with grants. */
@Injectable()
export class SearchMetrics {
  private readonly searches: Counter;
  private readonly pages: Counter;
  private readonly short: Counter;

  constructor(registry: Registry) {
    this.searches = new Counter({
      name: 'access_searches_total',
      help: 'Searches and lists of keys with grants, by how they were brought to what is granted',
      labelNames: ['strategy'],
      registers: [registry],
    });
    this.pages = new Counter({
      name: 'access_filled_pages_total',
      help: 'Pages that MLflow was asked for to fill pages of keys with grants',
      registers: [registry],
    });
    this.short = new Counter({
      name: 'access_short_pages_total',
      help: 'Filled pages that were answered short, because too many of MLflow would have been needed',
      registers: [registry],
    });
  }

  searched(strategy: SearchStrategy): void {
    this.searches.inc({ strategy });
  }

  filled(pages: number, isShort: boolean): void {
    this.searches.inc({ strategy: 'filled' });
    this.pages.inc(pages);
    if (isShort) this.short.inc();
  }
}
