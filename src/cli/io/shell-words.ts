/** What every shell takes as it is. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** A word of a command line that a POSIX shell reads as this text. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** An option with its value; one that begins with a dash would be taken for another option. */
export function shellOption(name: string, value: string): string {
  return value.startsWith('-') ? shellWord(`${name}=${value}`) : `${name} ${shellWord(value)}`;
}
