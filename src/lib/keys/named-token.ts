/** A token of an administrator, with the name of its holder where it has one: `ana:<token>`. */
export interface NamedToken {
  readonly name: string | undefined;
  readonly token: string;
}

/** Eight hexadecimal digits are not a name: they are the fingerprint of a token without a name. */
const NAMED = /^(?![0-9a-f]{8}:)([A-Za-z][A-Za-z0-9._-]{0,31}):(.*)$/s;

export function readNamedToken(text: string): NamedToken {
  const [, name, token = text] = NAMED.exec(text) ?? [];
  return { name, token };
}

/**
 * What a caller may send for a configured token: the token alone, or the whole text with the name, because both sides
 * may use the same variable.
 */
export function bearersOf(text: string): readonly string[] {
  const { name, token } = readNamedToken(text);
  return name === undefined ? [token] : [token, text];
}
