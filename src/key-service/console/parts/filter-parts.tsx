interface Named {
  readonly name: string;
  readonly label: string;
  readonly query: URLSearchParams;
}

/** A field of a filter, filled with what was asked for. */
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

/** A choice of a filter: value and words of each option. */
export function Choice({
  name,
  label,
  query,
  options,
}: Named & { options: readonly (readonly [string, string])[] }) {
  return (
    <div>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {options.map(([value, text]) => (
          <option value={value} selected={(query.get(name) ?? '') === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
