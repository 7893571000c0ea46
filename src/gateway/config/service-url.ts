import { hasCredentials, isHttpUrl } from '../../platform/config/url-rules.js';

/**
 * What is wrong with the address of a service that the gateway calls. A user in the URL would replace the gateway's own
 * `Authorization`, and a path cannot be added behind a query.
 *
 * @param may.query nothing is added to the address, so that it may have a query
 */
export function serviceUrlProblems(name: string, text: string, may: { query?: boolean } = {}): string[] {
  if (!isHttpUrl(text)) return [`${name} must be an http:// or https:// URL`];
  // A bare "?" or "#" is refused too: a parsed URL does not show it, but a path that is added after it would be lost.
  const unwanted = may.query ? /#/ : /[?#]/;
  if (!hasCredentials(text) && !unwanted.test(text)) return [];
  return [
    may.query
      ? `${name} must have no user, password or fragment`
      : `${name} must have no user, password, query or fragment`,
  ];
}
