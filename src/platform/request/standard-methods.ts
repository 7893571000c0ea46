/** Methods that metrics and traces name (RFC 9110, 9; RFC 5789). All others have one name, because clients invent them. */
export const STANDARD_METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'],
]);
