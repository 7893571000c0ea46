/** Tokens that every call adds to and every repetition takes from. */
export class RetryBudget {
  private tokens: number;

  /**
   * @param perCall part of a token that a call adds
   * @param most tokens that can be saved up; the budget starts full
   */
  constructor(
    private readonly perCall = 0.2,
    private readonly most = 20,
  ) {
    this.tokens = most;
  }

  deposit(): void {
    this.tokens = Math.min(this.most, this.tokens + this.perCall);
  }

  /** Whether there was a token to take. */
  withdraw(): boolean {
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
