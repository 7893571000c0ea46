import { ValidationError } from '../errors.js';

/** Query parameters: absent members are left out, lists repeat the name. */
export function toQuery(values: object): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values) as [string, unknown][]) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      query.append(name, typeof one === 'string' ? one : JSON.stringify(one));
  }
  return query;
}

/**
 * One percent-encoded path segment.
 *
 * @throws ValidationError where it is empty or a dot segment, which would name something else
 */
export function pathSegment(name: string, value: string): string {
  if (value === '' || value === '.' || value === '..')
    throw new ValidationError(`${name} must not be empty or a dot segment`);
  return encodeURIComponent(value);
}
