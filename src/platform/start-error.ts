/** Why a program cannot start, in one sentence that says what to do; it names variables and never their values. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
