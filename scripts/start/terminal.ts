/** What keeps the system from starting, in words for the person at the terminal. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly exitCode: number;

  /** @param exitCode 2 where a setting or a port must change, else 1 */
  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Progress goes to standard error; standard output has the addresses and the examples alone. */
export { say, slowly } from '../prepare/say.mjs';
