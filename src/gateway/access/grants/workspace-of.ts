import { HEADER_WORKSPACE } from '../../../contracts/http/headers.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { headerOnce } from '../reading/asked-request.js';
import type { Workspace } from '../resolve/mlflow-lookup.js';

const UNDERSCORED = HEADER_WORKSPACE.replaceAll('-', '_');

export interface ChosenWorkspace {
  /** The workspace named to MLflow; undefined if none is, and MLflow uses its default one. */
  readonly workspace: Workspace;
  /** Whether the client's headers name another one. */
  readonly isAnother: boolean;
}

/**
 * The workspace of a request: the one that is granted, or of several the one that the client names. MLflow takes the
 * first of two headers and trims it.
 *
 * @param granted names of workspaces
 * @throws ProblemError `ambiguous-request` for two headers, `resource-forbidden` for one that is not granted
 */
export function workspaceOf(rawHeaders: readonly string[], granted: readonly string[]): ChosenWorkspace {
  const named = headerOnce(rawHeaders, HEADER_WORKSPACE);
  if (named !== undefined && !granted.includes(named)) throw notGranted();
  const workspace = named ?? (granted.length === 1 ? granted[0] : undefined);
  if (workspace === undefined && granted.length > 0) throw notGranted();
  const isAnother = workspace !== named || rawHeaders.some((name) => name.toLowerCase() === UNDERSCORED);
  return { workspace, isAnother };
}

function notGranted(): ProblemError {
  return new ProblemError('resource-forbidden', {
    message: `The API key has no grant for the workspace of this request (header ${HEADER_WORKSPACE}), or it does not exist. Name one that is granted, or ask your key administrator for a grant.`,
  });
}
