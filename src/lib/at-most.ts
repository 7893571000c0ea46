/**
 * Options of an LRU cache with a maximum number of entries, whose memory grows with its content. The cache's own `max`
 * allocates arrays of the full size at once: 3 MB and some milliseconds for each 100,000 entries, at every start of a
 * program.
 */
export const atMost = (limit: number): { maxSize: number; sizeCalculation: () => number } => ({
  maxSize: limit,
  sizeCalculation: () => 1,
});
