import { Injectable } from '@nestjs/common';
import {
  DEFAULT_SUGGESTION_DAYS,
  type GrantSuggestionResponse,
} from '../../../contracts/usage/grant-suggestion.js';
import { DAY_MS } from '../../../lib/durations.js';
import { Clock } from '../../../platform/clock.js';
import { KeyLineage } from '../../keys/key-lineage.js';
import { suggestGrants } from './grant-suggestion.js';
import { startOf } from '../sums/usage-sums.js';
import { UsedResourcesRepository } from './used-resources.repository.js';

/** Says with which scopes and grants a key could do what it did, and nothing else. */
@Injectable()
export class GrantSuggestions {
  constructor(
    private readonly lineages: KeyLineage,
    private readonly resources: UsedResourcesRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * @param days whole days in UTC, today among them
   * @throws ProblemError 404
   */
  async of(id: string, days = DEFAULT_SUGGESTION_DAYS): Promise<GrantSuggestionResponse> {
    const lineage = await this.lineages.of(id);
    const place = lineage.findIndex((key) => key.id === id.toLowerCase());
    const ids = lineage.slice(0, place + 1).map((key) => key.id);
    const now = this.clock.now();
    const from = startOf(new Date(now - (days - 1) * DAY_MS).toISOString(), 'day');
    const rows = await this.resources.since(ids, from);
    const requests = await this.resources.requestsSince(ids, from);
    return {
      key_id: id,
      from,
      to: new Date(now).toISOString(),
      requests,
      ...suggestGrants(rows, requests),
    };
  }
}
