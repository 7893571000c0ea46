import { sendsInTheClear } from '../lib/http/plain-http.js';

const said = new Set<string>();

/** Says something on the console, once a process. */
export function warnOnce(text: string): void {
  if (said.has(text)) return;
  said.add(text);
  // eslint-disable-next-line no-console -- a library has no other way to be heard
  console.warn(`[hokusai] ${text}`);
}

/** A key over plain HTTP to another machine can be read on the way. */
export function warnOfPlainHttp(address: string): void {
  if (sendsInTheClear(address))
    warnOnce(`The API key is sent unencrypted to ${new URL(address).origin}; use https://.`);
}
