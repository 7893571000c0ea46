/** The state of one part of a program, as far as it is known without a call. */
export interface Indication {
  status: 'up' | 'degraded' | 'down';
  /** Plain facts for an operator: numbers, states and times; no address, no key, no token. */
  [fact: string]: string | number | boolean | null;
}

/** Collects the states of the parts of a program for `/health/detailed`. */
export class HealthIndicators {
  private readonly indicators = new Map<string, () => Indication>();

  /** @param indicate is called on each reading; it must not wait and must not throw */
  register(part: string, indicate: () => Indication): void {
    this.indicators.set(part, indicate);
  }

  read(): Record<string, Indication> {
    return Object.fromEntries([...this.indicators].map(([part, indicate]) => [part, indicate()]));
  }
}
