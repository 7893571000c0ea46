/** Whether a JSON value is an object: neither a list, nor null, nor a simple value. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
