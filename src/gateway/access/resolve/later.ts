/** A value that may have to be awaited. */
export type Later<Value> = Value | Promise<Value>;

/** Goes on at once where nothing has to be awaited. */
export function then<From, To>(value: Later<From>, next: (value: From) => Later<To>): Later<To> {
  return value instanceof Promise ? value.then(next) : next(value);
}

export function allOf<Value>(values: readonly Later<Value>[]): Later<Value[]> {
  const waits = values.some((value) => value instanceof Promise);
  return waits ? Promise.all(values.map((value) => Promise.resolve(value))) : (values as Value[]);
}
