export const CONSOLE = '/console';
export const CONSOLE_SIGN_IN = '/console/sign-in';
export const CONSOLE_SIGN_OUT = '/console/sign-out';
export const CONSOLE_KEYS = '/console/keys';
export const CONSOLE_KEYS_CSV = '/console/keys.csv';
export const CONSOLE_SERVICES = '/console/services';
export const CONSOLE_ROTATION = '/console/rotation';
export const CONSOLE_REVOKE = '/console/revoke';
export const CONSOLE_USAGE = '/console/usage';
export const CONSOLE_REFUSALS = '/console/refusals';
export const CONSOLE_AUDIT = '/console/audit';
export const CONSOLE_SYSTEM = '/console/system';
export const CONSOLE_ASSETS = '/console/assets';

export function isConsolePath(path: string): boolean {
  return path === CONSOLE || path.startsWith(`${CONSOLE}/`);
}

/** Where to go after the sign-in: a page of the console, never another host. */
export function safeConsoleNext(next: string | null): string {
  return next !== null && /^\/console(?:[/?][\w\-./?=&%+:~]*)?$/.test(next) && !next.includes('//')
    ? next
    : CONSOLE;
}
