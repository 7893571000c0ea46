/** What the command's exit code says; `docs/cli.md` lists the same. */
export const EXIT = {
  ok: 0,
  /** Something went wrong, or a check failed, that no other code names. */
  failure: 1,
  /** Wrong options, wrong or missing settings, or a confirmation that could not be asked for. */
  usage: 2,
  /** The key or the admin token was refused, or may not do this. */
  refused: 3,
  notFound: 4,
  /** A service cannot be reached, or says that it cannot answer now. */
  unavailable: 5,
  /** The key is not in a state that allows this: expired or revoked already. */
  conflict: 6,
  rateLimited: 7,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
