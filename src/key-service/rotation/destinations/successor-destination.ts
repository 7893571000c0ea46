import type { KeyRecord } from '../../records/key-record.js';
import type { RotationPolicy } from '../policies/rotation-policy.js';

/** A successor on its way. */
export interface HandOver {
  /** The same for every attempt. */
  id: string;
  policy: RotationPolicy;
  successor: KeyRecord;
  /** The successor itself. */
  apiKey: string;
  oldKeyId: string;
  /** The first key of the line. */
  firstKeyId: string;
  /** Ends the attempt. */
  signal: AbortSignal;
}

/** Where successors are handed to. Taking the same one twice must change nothing. */
export interface SuccessorDestination {
  /** Whether this key service has the settings for it. */
  readonly configured: boolean;
  /** The variable that configures it. */
  readonly variable: string;
  /** @throws an error without the key in it, where it was not taken, or nobody knows */
  deliver(handOver: HandOver): Promise<void>;
}

/** Longest attempt. */
export const DELIVERY_TIMEOUT_MS = 10_000;
