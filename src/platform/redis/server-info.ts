/** The parts of INFO that are used here; a part is undefined if the server did not report it. */
export interface ServerInfo {
  /** `standalone`, `cluster` or `sentinel`. */
  readonly mode: string | undefined;
  /** The `maxmemory-policy`. */
  readonly evictionPolicy: string | undefined;
}

/** @param text answer of INFO */
export function readServerInfo(text: string): ServerInfo {
  const field = (name: string): string | undefined => new RegExp(`^${name}:(\\S+)`, 'm').exec(text)?.[1];
  return { mode: field('redis_mode'), evictionPolicy: field('maxmemory_policy') };
}

/** Whether the policy may drop what does not expire, such as tombstones of revoked keys. */
export function mayDropLasting(policy: string | undefined): boolean {
  return policy?.startsWith('allkeys-') === true;
}
