/**
 * How much of a bounded resource one holder may have: at most a given percentage of it if it is alone, and less the
 * more the others hold, because a share is measured by what is still free. So a holder that has nothing yet finds some
 * of it free (the dynamic thresholds of Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998).
 */
export class Share {
  /** What one that is alone may hold, at least 1. */
  readonly mostForOne: number;
  private readonly weight: number;

  /**
   * @param max all there is
   * @param percent 1 to 100; 100 means first come, first served
   */
  constructor(
    private readonly max: number,
    percent: number,
  ) {
    this.mostForOne = Math.max(1, Math.floor((max * percent) / 100));
    this.weight = percent < 100 ? percent / (100 - percent) : Infinity;
  }

  /**
   * Whether one may take more.
   *
   * @param own what it holds
   * @param all what all hold, it included
   * @param more what it wants to take
   */
  admits(own: number, all: number, more = 1): boolean {
    const free = this.max - all;
    if (free < more) return false;
    return own === 0 || this.weight === Infinity || own + more <= this.weight * (free - more);
  }
}
