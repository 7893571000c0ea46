/** MLflow's AI gateway, which calls LLM providers: `/gateway/*` below the mount. */
const LLM_PREFIX = '/gateway/';

/**
 * Whether MLflow forwards a request to this path to an LLM provider, headers included.
 *
 * @param path judged path (decoded once, slashes collapsed)
 * @param mount the mount that it lies under
 */
export function isLlmPath(path: string, mount: string): boolean {
  return path.startsWith(LLM_PREFIX, mount.length);
}
