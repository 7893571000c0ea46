/** A page of MLflow's search routes. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | undefined;
}

/**
 * All items of a search, a page at a time and only as they are asked for.
 *
 * @param limit items altogether; no limit unless given
 */
export async function* eachItem<T>(
  fetchPage: (pageToken: string | undefined) => Promise<Page<T>>,
  limit = Infinity,
): AsyncGenerator<T, void, undefined> {
  let left = limit;
  let pageToken: string | undefined;
  do {
    if (left <= 0) return;
    const page = await fetchPage(pageToken);
    for (const item of page.items) {
      if (left-- <= 0) return;
      yield item;
    }
    pageToken = page.nextPageToken || undefined;
  } while (pageToken !== undefined);
}
