/** Inherits from nothing that has a name; unlike objects without any prototype these keep V8's fast form. */
class Members {}
Object.setPrototypeOf(Members.prototype, null);
delete (Members.prototype as { constructor?: unknown }).constructor;

/** An object in which no name means anything: not `constructor`, not `__proto__`. */
export function newMembers<Value>(): Record<string, Value> {
  return new Members() as Record<string, Value>;
}
