interface Named {
  readonly name: string;
  readonly label: string;
  readonly query: URLSearchParams;
}

/** A field of a filter, filled with its present value. */
export function Field({ name, label, query, example }: Named & { example?: string }) {
  return (
    <div>
      <label for={name}>{label}</label>
      <input id={name} name={name} value={query.get(name) ?? ''} placeholder={example} maxlength={200} />
    </div>
  );
}

/** The same for a day. */
export function DateField({ name, label, query }: Named) {
  return (
    <div>
      <label for={name}>{label}</label>
      <input id={name} name={name} type="date" value={query.get(name) ?? ''} />
    </div>
  );
}

export type Option = readonly [value: string, words: string];

/** A choice of a filter. A value of the address that is not in the list is added to it, so that the form keeps it. */
export function Choice({ name, label, query, options }: Named & { options: readonly Option[] }) {
  const chosen = query.get(name) ?? '';
  const isListed = chosen === '' || options.some(([value]) => value === chosen);
  const others: Option[] = isListed ? [] : [[chosen, chosen]];
  return (
    <div>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {[...options, ...others].map(([value, words]) => (
          <option value={value} selected={value === chosen}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
