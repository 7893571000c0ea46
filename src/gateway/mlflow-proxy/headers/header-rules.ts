/** Fields that belong to one connection and are never passed on (RFC 9110, 7.6.1). */
export const HOP_BY_HOP: readonly string[] = [
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  // It is only an announcement, and Node refuses to send it together with a known length or without a body.
  'trailer',
  'transfer-encoding',
  'upgrade',
];

// Header names have few spellings in practice; names that peers invent must not fill the memory.
const MAX_REMEMBERED = 1000;
const LONGEST_REMEMBERED = 64;

/**
 * What happens to a field by its name in any spelling.
 *
 * @param ruleFor the rule for a name in lower case; asked once for each spelling, as long as there are few
 */
export function ruleByName<R extends number>(ruleFor: (lowerName: string) => R): (name: string) => R {
  const remembered = new Map<string, R>();
  return (name) => {
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const rule = ruleFor(name.toLowerCase());
    if (remembered.size < MAX_REMEMBERED && name.length <= LONGEST_REMEMBERED) remembered.set(name, rule);
    return rule;
  };
}
