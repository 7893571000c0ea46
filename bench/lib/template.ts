import { readFileSync, writeFileSync } from 'node:fs';

/** Fills the `@@NAME@@` places of a configuration. @throws Error where one has no value */
export function fill(template: string, values: Record<string, string | number>): string {
  return template.replace(/@@([A-Z_]+)@@/g, (_place, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nothing to put for ${name}`);
    return String(value);
  });
}

export function fillFile(from: URL, to: string, values: Record<string, string | number>): void {
  writeFileSync(to, fill(readFileSync(from, 'utf8'), values));
}
