import type { KeyRecord } from '../../records/key-record.js';
import type { RotationPolicy } from '../policies/rotation-policy.js';

/** A successor to deliver. */
export interface HandOver {
  /** The same for every attempt. */
  id: string;
  policy: RotationPolicy;
  successor: KeyRecord;
  /** The successor itself. */
  apiKey: string;
  oldKeyId: string;
  /** The first key in the line of rotations. */
  firstKeyId: string;
  /** Ends the attempt. */
  signal: AbortSignal;
}

/** A destination for successors. Delivering the same one twice must change nothing. */
export interface SuccessorDestination {
  /** Whether this key service has the settings for it. */
  readonly configured: boolean;
  /** The variable that configures it. */
  readonly variable: string;
  /** @throws an error without the key in it, if it was not accepted or the result is unknown */
  deliver(handOver: HandOver): Promise<void>;
}

/** Longest attempt. */
export const DELIVERY_TIMEOUT_MS = 10_000;
