/**
 * Whether a `Via` value has a pseudonym among its receivers, in any case: `[protocol/]version pseudonym [comment]`
 * (RFC 9110, 7.6.3).
 */
export function viaNames(via: string, pseudonym: string): boolean {
  return via.split(',').some(
    (entry) =>
      entry
        .trim()
        .split(/[\t ]+/)[1]
        ?.toLowerCase() === pseudonym,
  );
}
