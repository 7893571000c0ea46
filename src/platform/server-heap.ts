import { setFlagsFromString } from 'node:v8';

/** V8 heap settings for a program that is idle for minutes and then suddenly busy. */
export const SERVER_HEAP_FLAGS: readonly string[] = [
  // In idle times V8 collects only to save memory, and drops what it knew about hidden classes. After that every
  // request takes a fifth more processor time permanently. With this flag it collects as at any other time.
  '--no-memory-reducer-favors-memory',
  // Room to grow: as much as is in use. With less than the size of the young generation, V8 starts a full collection
  // after each collection of the young generation.
  '--heap-growing-percent=100',
  // Large from the start instead of by doubling: so few objects live longer than a request that V8 would need hundreds
  // of collections to enlarge the space, and each collection delays one request in a hundred.
  '--semi-space-growth-factor=16',
  // Objects that live through a burst of clients look long-lived to V8, which then allocates such objects in the old
  // generation. Each of them keeps its whole request from being collected with the young generation, which permanently
  // takes 15 ms of every half second.
  '--no-allocation-site-pretenuring',
];

/**
 * Applies to the whole process, from the next collection on.
 *
 * Hot path: docs/decisions/0023-flags-of-v8.md.
 */
export function useServerHeap(): void {
  for (const flag of SERVER_HEAP_FLAGS) setFlagsFromString(flag);
}
