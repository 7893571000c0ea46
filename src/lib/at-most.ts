/**
 * Options of an LRU cache of at most so many entries whose memory grows with what it holds. The cache's own `max` fills
 * arrays of the full size at once: 3 MB and some milliseconds for each 100,000 entries, at every start of a program.
 */
export const atMost = (limit: number): { maxSize: number; sizeCalculation: () => number } => ({
  maxSize: limit,
  sizeCalculation: () => 1,
});
