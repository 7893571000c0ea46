import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of bodies between two collections; V8 acts by itself at twice as many. */
const COLLECT_EVERY_BYTES = 32 * 1024 * 1024;

/**
 * Gives back the buffers that bodies were read into. Node reads each piece of up to 64 KB into a buffer of its own,
 * outside of V8's heap. V8 counts these as old objects and runs a full collection after every 64 MB of them, though
 * nearly all are young and unused. That took a third of the processor time of a large artifact. A collection of young
 * objects in time takes half a millisecond.
 *
 * Hot path: docs/decisions/0024-collections-between-artifact-chunks.md.
 */
export class ReadBuffers {
  private sinceLast = 0;

  constructor(private readonly collect: () => void = youngCollection()) {}

  /** @param bytes of a body that were passed on */
  passed(bytes: number): void {
    this.sinceLast += bytes;
    if (this.sinceLast < COLLECT_EVERY_BYTES) return;
    this.sinceLast = 0;
    this.collect();
  }
}

/** The collection that `--expose-gc` offers, without offering it to anyone else. */
function youngCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  setFlagsFromString('--no-expose-gc');
  return () => collect({ type: 'minor' });
}
