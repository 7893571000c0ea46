/** What a server says of itself, as far as it matters here; a part is undefined where it did not say. */
export interface ServerInfo {
  /** `standalone`, `cluster` or `sentinel`. */
  readonly mode: string | undefined;
  /** What it drops when its memory is full. */
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
