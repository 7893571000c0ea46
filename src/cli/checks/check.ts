import type { FaultName } from './faults.js';

/** `warn` does not fail the command; `skip` means that the check could not be tried. */
export type CheckStatus = 'pass' | 'warn' | 'fail' | 'skip';

/** What one check found. */
export interface Finding {
  readonly status: CheckStatus;
  /** Name of the fault; on every `fail`, and on a `warn` that has one. */
  readonly fault?: FaultName;
  readonly seen: string;
  readonly expected: string;
  /** What to do about it, as a sentence. */
  readonly todo?: string;
}

/** One check; `Context` is shared by all checks of a command. */
export interface Check<Context> {
  /** Stable name, such as `gateway-health`. */
  readonly name: string;
  /** For people, such as `Gateway health`. */
  readonly title: string;
  /** Names of checks that this one needs: it is skipped unless they passed. */
  readonly needs?: readonly string[];
  run(context: Context): Promise<Finding>;
}

/** A finding with the check that made it. */
export interface CheckResult extends Finding {
  readonly name: string;
  readonly title: string;
  readonly durationMs: number;
}

export function pass(seen: string, expected: string): Finding {
  return { status: 'pass', seen, expected };
}

export function fail(fault: FaultName, seen: string, expected: string, todo: string): Finding {
  return { status: 'fail', fault, seen, expected, todo };
}

export function warn(seen: string, expected: string, todo: string, fault?: FaultName): Finding {
  return { status: 'warn', seen, expected, todo, ...(fault && { fault }) };
}

export function skip(why: string, expected: string, todo?: string): Finding {
  return { status: 'skip', seen: why, expected, ...(todo !== undefined && { todo }) };
}
