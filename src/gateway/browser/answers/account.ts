import { accountQuestion } from '../../mlflow-routes/account-path.js';
import type { Principal } from '../../principal/principal.js';

/** An answer that the gateway gives in MLflow's place. */
export interface AccountAnswer {
  readonly status: number;
  readonly body: object;
}

/**
 * What MLflow's own account menu asks for. MLflow answers it only with its own accounts; without them the holder of the
 * session's key is shown, and its menu has a Logout.
 *
 * @param path below the mount
 * @returns undefined for every other path
 */
export function accountAnswer(path: string, { facts }: Principal): AccountAnswer | undefined {
  switch (accountQuestion(path)) {
    case 'current': {
      const username = facts.userId ?? (facts.keyId === null ? 'API key' : `key ${facts.keyId}`);
      return { status: 200, body: { user: { id: 1, username, is_admin: false }, is_basic_auth: true } };
    }
    case 'roles/list':
      return { status: 200, body: { roles: [] } };
    case 'current/permissions':
      return { status: 200, body: { is_admin: false, permissions: [] } };
    case 'update-password':
      return {
        status: 400,
        body: {
          error_code: 'BAD_REQUEST',
          message: 'Keys cannot be changed here. Ask your key administrator.',
        },
      };
    case undefined:
    default:
      return undefined;
  }
}
