/** Time as a dependency, so that tests set it and never wait for it. */
export abstract class Clock {
  /** Wall clock, milliseconds since the Unix epoch. */
  abstract now(): number;
  /** A clock that never goes back, milliseconds from an arbitrary start. */
  abstract monotonicMs(): number;
}

export class SystemClock extends Clock {
  override now(): number {
    return Date.now();
  }

  override monotonicMs(): number {
    return performance.now();
  }
}
