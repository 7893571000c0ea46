import type { HeldBytes } from '../../../src/gateway/access/reading/body-collector.js';

/** Room without an end, for tests of what needs some. */
export const ENDLESS_ROOM: HeldBytes = { grow: () => undefined, release: () => undefined };

/** Room that notes what it was told, and ends. */
export function roomFor(bytes: number): HeldBytes & { readonly told: number[] } {
  const told: number[] = [];
  return {
    told,
    grow: (toBytes) => {
      told.push(toBytes);
      if (toBytes > bytes) throw new Error('no room');
    },
    release: () => undefined,
  };
}
