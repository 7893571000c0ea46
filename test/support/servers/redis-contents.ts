import type { createClient } from 'redis';

/** All names and values of a Redis. */
export async function everythingIn(client: ReturnType<typeof createClient>): Promise<string[]> {
  const held: string[] = [];
  for (const name of await client.keys('*')) {
    const type = await client.type(name);
    const read: Record<string, () => Promise<unknown>> = {
      string: () => client.get(name),
      hash: () => client.hGetAll(name),
      set: () => client.sMembers(name),
      zset: () => client.zRange(name, 0, -1),
      list: () => client.lRange(name, 0, -1),
      stream: () => client.xRange(name, '-', '+'),
    };
    const value = await read[type]?.();
    if (value === undefined) throw new Error(`${name} is a ${type}: how is it read?`);
    held.push(name, JSON.stringify(value));
  }
  return held;
}
