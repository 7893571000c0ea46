const ACCOUNT =
  /^\/(?:ajax-)?api\/\d+\.\d+\/mlflow\/users\/(current|roles\/list|current\/permissions|update-password)$/;

/** What MLflow's account menu asks for. */
export type AccountQuestion = 'current' | 'roles/list' | 'current/permissions' | 'update-password';

/** @param path below the mount, judged (decoded once, slashes collapsed) */
export function accountQuestion(path: string): AccountQuestion | undefined {
  // Most paths do not have the word, and finding that out is cheaper than the expression.
  return path.includes('/users/') ? (ACCOUNT.exec(path)?.[1] as AccountQuestion | undefined) : undefined;
}
