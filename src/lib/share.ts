/**
 * How much of a bounded resource one holder may have: at most a given percentage of it while it is the only one, and
 * less the more the others hold, because a share is measured by what is still free. So a new holder always finds some
 * of it free (the dynamic thresholds of Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998).
 */
export class Share {
  /** What the only holder may have, at least 1. */
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
   * Whether a holder may take more.
   *
   * @param own what it holds
   * @param all what all holders have, this one included
   * @param more what it asks for
   */
  admits(own: number, all: number, more = 1): boolean {
    const free = this.max - all;
    if (free < more) return false;
    return own === 0 || this.weight === Infinity || own + more <= this.weight * (free - more);
  }
}
