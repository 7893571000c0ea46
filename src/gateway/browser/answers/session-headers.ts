import { headerOf } from '../../mlflow-proxy/answers/answer-shape.js';
import { ruleByName } from '../../mlflow-proxy/headers/header-rules.js';
import { without } from '../../mlflow-proxy/headers/request-headers.js';
import { SANDBOX_POLICY } from './content-policy.js';

/** A part of the file's name that changes with its content: `main.c2f5f8d4.js`, `4028.24118451.chunk.css`. */
const HASHED_NAME = /[.-][0-9a-f]{8,40}\.[a-z0-9.]+$/i;
/** Answers that browsers show without running anything. */
const PLAIN = /^(?:application\/(?:problem\+)?json|text\/plain|text\/event-stream)\s*(?:;|$)/i;
/** What a page of the same origin may take as program or style, as no script of a sandbox may (WHATWG MIME Sniffing, 4.6). */
const RUNNABLE = /^\s*(?:(?:text|application)\/(?:x-)?(?:java|ecma|j|live)script[\d.]*|text\/css)\s*(?:;|$)/i;
const ARTIFACTS =
  /\/(?:get-artifact|get-trace-artifact|mlflow-artifacts\/artifacts|artifacts\/files)(?:\/|$)/;

/** For the page of the UI itself: kept nowhere, so that the back button after a sign-out shows the sign-in page. */
export function shellHeaders(headers: readonly string[], policy: string | undefined): string[] {
  const dropped = ['cache-control', 'etag', 'last-modified', 'vary'];
  const kept = without(headers, policy === undefined ? dropped : [...dropped, 'content-security-policy']);
  kept.push('Cache-Control', 'no-store', ...varyByCookie(headers));
  if (policy !== undefined) kept.push('Content-Security-Policy', policy);
  kept.push('X-Content-Type-Options', 'nosniff', 'Referrer-Policy', 'same-origin');
  return kept;
}

/** For MLflow's own files. `Vary` stays without Cookie: each new session would fetch all of them again. */
export function staticFileHeaders(headers: readonly string[], path: string): string[] {
  const cacheControl = headerOf(headers, 'cache-control') ?? '';
  if (!HASHED_NAME.test(path) || !cacheControl.includes('max-age') || cacheControl.includes('immutable'))
    return [...headers];
  return [...without(headers, ['cache-control']), 'Cache-Control', `${cacheControl}, immutable`];
}

const enum Rule {
  Pass,
  Replaced,
  Vary,
  Type,
  Disposition,
}

const RULES = new Map<string, Rule>([
  ['content-security-policy', Rule.Replaced],
  ['x-content-type-options', Rule.Replaced],
  ['cross-origin-resource-policy', Rule.Replaced],
  ['vary', Rule.Vary],
  ['content-type', Rule.Type],
  ['content-disposition', Rule.Disposition],
]);

const ruleOf = ruleByName((name) => RULES.get(name) ?? Rule.Pass);

/**
 * For everything else. A run can log HTML of anybody: if it is opened by itself, it must not act with the session of
 * its reader. Hot path: one pass over the headers.
 */
export function otherHeaders(headers: readonly string[], status: number, path: string): string[] {
  const kept: string[] = [];
  let vary = '';
  let type = 'text/plain';
  let disposition: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    const rule = ruleOf(name);
    if (rule === Rule.Vary) vary += `${value}, `;
    else if (rule === Rule.Disposition) disposition = value;
    else if (rule === Rule.Type) kept.push(name, (type = asData(value)));
    else if (rule !== Rule.Replaced) kept.push(name, value);
  }
  kept.push('Content-Security-Policy', SANDBOX_POLICY, 'X-Content-Type-Options', 'nosniff');
  kept.push('Cross-Origin-Resource-Policy', 'same-origin', 'Vary', `${vary}Cookie`);
  const mayBeShown = status < 200 || status >= 300 || (PLAIN.test(type) && !ARTIFACTS.test(path));
  const sent = mayBeShown ? disposition : asAttachment(disposition);
  if (sent !== undefined) kept.push('Content-Disposition', sent);
  return kept;
}

/**
 * A script that a run has logged would be taken as MLflow's own: `script-src 'self'` would not keep it out, and as a
 * service worker it would stay, and read the key of the next sign-in. With `nosniff` a browser runs no text.
 */
function asData(type: string): string {
  return RUNNABLE.test(type) ? 'text/plain; charset=utf-8' : type;
}

/** With the file's name that MLflow gives it, where it does. */
function asAttachment(disposition: string | undefined): string {
  return disposition === undefined ? 'attachment' : disposition.replace(/^[^;]*/, 'attachment');
}

function varyByCookie(headers: readonly string[]): [string, string] {
  const vary = headerOf(headers, 'vary');
  return ['Vary', vary === undefined ? 'Cookie' : `${vary}, Cookie`];
}
