import { Injectable } from '@nestjs/common';
import { TracesNow } from '../resolve/traces-now.js';
import { FilterAbilities } from './filter-abilities.js';
import { PageTokens } from './page-tokens.js';
import { RegisteredDirectory } from './registered-directory.js';
import { SearchMetrics } from './search.metrics.js';

/** What rules of searches and lists need besides what every rule does. */
@Injectable()
export class Searches {
  constructor(
    readonly abilities: FilterAbilities,
    readonly registered: RegisteredDirectory,
    readonly traces: TracesNow,
    readonly tokens: PageTokens,
    readonly metrics: SearchMetrics,
  ) {}
}
