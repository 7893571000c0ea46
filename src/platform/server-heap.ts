import { setFlagsFromString } from 'node:v8';

/** How V8 keeps the heap of a program that is quiet for minutes and then busy at once. */
export const SERVER_HEAP_FLAGS: readonly string[] = [
  // In quiet times V8 collects with memory as its one aim and drops what it knew of hidden classes. Afterwards every
  // request takes a fifth more processor time, for good. Without this it collects as at any other time.
  '--no-memory-reducer-favors-memory',
  // As much room to grow as is in use. With less than the young generation takes, V8 begins to walk the whole heap
  // after each collection of the young one.
  '--heap-growing-percent=100',
  // Large at once and not by doubling: so little lives longer than a request that V8 would need hundreds of collections
  // to enlarge the space, and each delays one request in a hundred.
  '--semi-space-growth-factor=16',
  // What a burst of clients keeps alive looks long-lived to V8, which from then on creates such objects among the old
  // ones. Each keeps its whole request from being collected with the young: for good, 15 ms of every half second.
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
