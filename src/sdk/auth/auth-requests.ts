import { ROUTE_KEYS } from '../../contracts/http/routes.js';
import { eachItem, type Page } from '../http/pages.js';
import { pathSegment } from '../http/query.js';

/** @throws ValidationError on an empty id, which would name the whole collection */
export function keyPath(keyId: string): string {
  return `${ROUTE_KEYS}/${pathSegment('keyId', keyId)}`;
}

/** All items of a list of the key service, page by page as they are needed. */
export function pages<T, Q extends { cursor?: string }>(
  query: Q,
  fetchPage: (query: Q) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  const page = (cursor: string | undefined): Promise<Page<T>> =>
    fetchPage(cursor === undefined ? query : { ...query, cursor });
  return eachItem(page, Infinity, query.cursor);
}
