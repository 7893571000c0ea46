const MARK = /["{}[\]:]/g;

/**
 * The name of a member that one object of a JSON text has more than once, at any depth; undefined if there is none.
 * `JSON.parse` silently takes the last one; another parser may take the first.
 *
 * @param json a text that `JSON.parse` accepts
 */
export function repeatedMember(json: string): string | undefined {
  /** The names seen in each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let text = '';
  const marks = new RegExp(MARK);
  for (let found = marks.exec(json); found; found = marks.exec(json)) {
    const mark = found[0];
    if (mark === '"') {
      const end = endOfString(json, found.index);
      text = json.slice(found.index, end);
      marks.lastIndex = end;
    } else if (mark === '{') open.push(new Set());
    else if (mark === '[') open.push(undefined);
    else if (mark !== ':') open.pop();
    else {
      // Only a name stands before a colon. It may be spelled with escapes.
      const name = JSON.parse(text) as string;
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
  }
  return undefined;
}

/** Where a string ends, its closing quote included. */
function endOfString(json: string, start: number): number {
  let quote = json.indexOf('"', start + 1);
  while (isEscaped(json, quote)) quote = json.indexOf('"', quote + 1);
  return quote + 1;
}

/** A quote is escaped by an odd number of backslashes before it. */
function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json.charAt(first - 1) === '\\') first--;
  return (at - first) % 2 === 1;
}
