import { ProblemError } from '../../../lib/http/problem-error.js';
import type { JsonFault } from '../../../lib/json/strict-json.js';
import { ambiguous } from './ambiguous.js';
import type { HeldBytes } from './body-collector.js';

/** Most memory that a value takes, once as JSON and once as a message; measured with empty objects. */
export const BYTES_OF_VALUE = 200;

/**
 * Lets others have their turn, and counts what was read so far: many bodies that are read at once have no more room than
 * there is.
 *
 * @param beside bytes that count already
 */
export function holding(held: HeldBytes, beside = 0): (values: number) => Promise<void> {
  return (values) => {
    held.grow(beside + values * BYTES_OF_VALUE);
    return new Promise((resolve) => setImmediate(resolve));
  };
}

/** @param what such as `its body` */
export function jsonFault(what: string, fault: JsonFault): ProblemError {
  return fault === 'holds too many values'
    ? new ProblemError('request-too-large', { reason: 'values' })
    : ambiguous(`${what} ${fault}`);
}
