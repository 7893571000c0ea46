import { UnexpectedResponseError } from '../errors.js';

/** A page of a list; without a token, or with an empty one, it is the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | undefined;
}

/**
 * All items of a list, a page at a time and only as they are asked for.
 *
 * @param limit items altogether; no limit unless given
 * @param first token of the page to begin with; the list's beginning unless given
 * @throws UnexpectedResponseError where a page names itself as the next one
 */
export async function* eachItem<T>(
  fetchPage: (pageToken: string | undefined) => Promise<Page<T>>,
  limit = Infinity,
  first?: string,
): AsyncGenerator<T, void, undefined> {
  let left = limit;
  let pageToken = first;
  while (left > 0) {
    const page = await fetchPage(pageToken);
    for (const item of page.items) {
      if (left-- <= 0) return;
      yield item;
    }
    const next = page.nextPageToken || undefined;
    if (next === undefined) return;
    if (left > 0 && next === pageToken)
      throw new UnexpectedResponseError(
        'A page of the list names itself as the next one: it would never end',
      );
    pageToken = next;
  }
}
