import { headerOf } from '../../mlflow-proxy/answers/answer-shape.js';
import { without } from '../../mlflow-proxy/headers/request-headers.js';
import { SANDBOX_POLICY } from './content-policy.js';

/** A part of the file's name that changes with its content: `main.c2f5f8d4.js`, `4028.24118451.chunk.css`. */
const HASHED_NAME = /[.-][0-9a-f]{8,40}\.[a-z0-9.]+$/i;
/** Answers that browsers show without running anything. */
const PLAIN = /^(?:application\/(?:problem\+)?json|text\/plain|text\/event-stream)\s*(?:;|$)/i;
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

/**
 * For everything else. What a run has logged is anybody's HTML: opened by itself it must not act with the session of
 * its reader.
 */
export function otherHeaders(headers: readonly string[], status: number, path: string): string[] {
  const kept = without(headers, [
    'content-security-policy',
    'x-content-type-options',
    'cross-origin-resource-policy',
    'vary',
  ]);
  kept.push('Content-Security-Policy', SANDBOX_POLICY, 'X-Content-Type-Options', 'nosniff');
  kept.push('Cross-Origin-Resource-Policy', 'same-origin', ...varyByCookie(headers));
  const isSuccess = status >= 200 && status < 300;
  const isShown = !ARTIFACTS.test(path) && PLAIN.test(headerOf(headers, 'content-type') ?? 'text/plain');
  if (!isSuccess || isShown) return kept;
  const disposition = headerOf(headers, 'content-disposition');
  if (disposition !== undefined && /^\s*attachment\b/i.test(disposition)) return kept;
  const attachment = disposition === undefined ? 'attachment' : disposition.replace(/^[^;]*/, 'attachment');
  return [...without(kept, ['content-disposition']), 'Content-Disposition', attachment];
}

function varyByCookie(headers: readonly string[]): [string, string] {
  const vary = headerOf(headers, 'vary');
  return ['Vary', vary === undefined ? 'Cookie' : `${vary}, Cookie`];
}
