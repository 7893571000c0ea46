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

/**
 * The result for each value, in the order of the values.
 *
 * @param atOnce how many may be awaited at a time
 */
export function mapLater<From, To>(
  values: readonly From[],
  atOnce: number,
  work: (value: From) => Later<To>,
): Later<To[]> {
  const results: Later<To>[] = [];
  for (const [index, value] of values.entries()) {
    const result = work(value);
    results.push(result);
    if (result instanceof Promise) return mapRest(values.slice(index + 1), atOnce, work, results);
  }
  return results as To[];
}

async function mapRest<From, To>(
  values: readonly From[],
  atOnce: number,
  work: (value: From) => Later<To>,
  begun: Later<To>[],
): Promise<To[]> {
  const rest = new Array<To>(values.length);
  let next = 0;
  const go = async (): Promise<void> => {
    try {
      while (next < values.length) {
        const index = next++;
        rest[index] = await work(values[index] as From);
      }
    } finally {
      // After the first failure no further value is started.
      next = values.length;
    }
  };
  const [first] = await Promise.all([
    Promise.all(begun),
    ...Array.from({ length: Math.min(atOnce, values.length) }, go),
  ]);
  return [...first, ...rest];
}
