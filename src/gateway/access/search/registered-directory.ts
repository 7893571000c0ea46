import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { includes, type GrantEntry } from '../grants/grant-set.js';
import { filterFor, Listings } from '../resolve/listings.js';
import { MlflowLookup } from '../resolve/mlflow-lookup.js';
import type { Asker } from '../resolve/owner-resolver.js';
import { prependFilter } from './prepend-filter.js';
import { isPromptRow, registeredOwner, type RegisteredRow } from './registered-rows.js';

const PAGE = 1000;
/** More names than this are not restricted but filled. */
const MAX_PAGES = 5;
const PROMPTS = "tags.`mlflow.prompt.is_prompt` = 'true'";

/**
 * Which registered models and prompts the names and patterns of a key open now, each as what it is: the two share their
 * names. For an MLflow that takes lists in its filters.
 */
@Injectable()
export class RegisteredDirectory {
  private readonly listings: Listings<readonly RegisteredRow[] | undefined>;

  constructor(
    private readonly lookup: MlflowLookup,
    clock: Clock,
  ) {
    this.listings = new Listings(clock);
  }

  /**
   * Names that may be read.
   *
   * @returns undefined where there are too many, or some that no filter can hold
   * @throws ProblemError `lookup-unavailable`
   */
  async readableNames(asker: Asker): Promise<readonly string[] | undefined> {
    const { grants } = asker;
    const entries = [...grants.models, ...grants.prompts].filter(({ level }) => includes(level, 'read'));
    const filters = filtersFor(entries);
    if (filters === undefined) return undefined;
    const names = new Set<string>();
    for (const filter of filters) {
      const rows = await this.listings.get(asker.workspace, filter, () => this.list(filter, asker));
      if (rows === undefined) return undefined;
      for (const row of rows)
        if (grants.grantFor(registeredOwner(row), 'read') !== undefined) names.add(row.name);
    }
    return [...names];
  }

  /** To be called when a name is created, renamed or deleted through this gateway. */
  forget(): void {
    this.listings.forget();
  }

  private async list(filter: string, asker: Asker): Promise<readonly RegisteredRow[] | undefined> {
    const models = await this.pages(filter, asker);
    const prompts = await this.pages(filter === '' ? PROMPTS : `${filter} AND ${PROMPTS}`, asker);
    if (models === undefined || prompts === undefined) return undefined;
    // A version that does not tell the two apart in searches names its prompts both times.
    return [...models, ...prompts.filter(isPromptRow)];
  }

  private async pages(filter: string, asker: Asker): Promise<readonly RegisteredRow[] | undefined> {
    const rows: RegisteredRow[] = [];
    let token = '';
    for (let page = 0; page < MAX_PAGES; page++) {
      const query = new URLSearchParams({
        max_results: String(PAGE),
        ...(filter !== '' && { filter }),
        ...(token !== '' && { page_token: token }),
      });
      const answer = await this.lookup.get(
        `/api/2.0/mlflow/registered-models/search?${query.toString()}`,
        asker,
      );
      if (!answer.found) return undefined;
      const body = answer.body as { registered_models?: RegisteredRow[]; next_page_token?: string };
      rows.push(...(body.registered_models ?? []));
      token = body.next_page_token ?? '';
      if (token === '') return rows;
    }
    return undefined;
  }
}

/** Exact names in one filter, and one for each beginning of a pattern. */
function filtersFor(entries: readonly GrantEntry[]): string[] | undefined {
  const exact = new Set<string>();
  const filters = new Set<string>();
  for (const { value } of entries)
    if (value.includes('*')) filters.add(filterFor(value));
    else exact.add(value);
  if (exact.size > 0) {
    const listed = prependFilter('name', [...exact], '');
    if (listed === undefined) return undefined;
    filters.add(listed);
  }
  return [...filters];
}
