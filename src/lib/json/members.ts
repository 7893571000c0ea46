/**
 * The prototype of such objects is empty; unlike objects with no prototype at all, they keep V8's fast representation.
 */
class Members {}
Object.setPrototypeOf(Members.prototype, null);
delete (Members.prototype as { constructor?: unknown }).constructor;

/** An object in which no name has a special meaning: not `constructor`, not `__proto__`. */
export function newMembers<Value>(): Record<string, Value> {
  return new Members() as Record<string, Value>;
}
