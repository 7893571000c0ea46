/** Content security policies of MLflow's UI: everything from the own origin, no plug-in, no other page around it. */
const COMMON =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; " +
  "media-src 'self' data: blob:; connect-src 'self' data: blob:; worker-src 'self' blob:; frame-src 'self' blob: data:; " +
  "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

const POLICIES: Readonly<Record<string, string | undefined>> = {
  // Up to 3.5 MLflow's UI dies without eval, and the scripts of an HTML preview inherit what the page may.
  compatible: `${COMMON}; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:`,
  strict: `${COMMON}; script-src 'self'`,
  off: undefined,
};

/** The policy that a setting names; undefined for none. */
export function contentPolicy(setting: string): string | undefined {
  return setting in POLICIES ? POLICIES[setting] : setting;
}

/**
 * For everything that is neither the UI's page nor one of its files: if it is opened by itself, it is a page without
 * any rights.
 */
export const SANDBOX_POLICY = "sandbox; default-src 'none'";
