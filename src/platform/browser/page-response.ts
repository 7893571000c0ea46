import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Html } from '../../lib/http/html.js';

/** A page of our own, with the inline style and script that it may use. */
export interface Page {
  readonly status: number;
  readonly body: Html;
  /** Content of its one `<style>`; allowed by its digest. */
  readonly style: string;
  /** Content of its one `<script>`, where it has one; allowed by its digest. */
  readonly script?: string;
  /** Whether it loads script and style files of its own origin too. Such script cannot make HTML of strings. */
  readonly loadsFiles?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends a page of our own. It may load nothing, may not be framed, and may post only to its own origin. It is not
 * cached, so that the back button shows the present state.
 */
export function sendPage(response: ServerResponse, page: Page): void {
  const body = Buffer.from(page.body.text);
  const headers: Record<string, string | number> = {
    'content-type': 'text/html; charset=utf-8',
    'content-length': body.length,
    'content-security-policy': pagePolicy(page),
    ...PAGE_HEADERS,
    ...page.headers,
  };
  response.statusCode = page.status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/**
 * Redirects a browser by GET, without a body: if the answer to a POST were HTML, a reload would send the POST again.
 */
export function sendSeeOther(
  response: ServerResponse,
  location: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.statusCode = 303;
  response.setHeader('location', location);
  response.setHeader('content-length', 0);
  response.setHeader('cache-control', 'no-store');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end();
}

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  vary: 'Cookie, Accept-Language',
  // `no-referrer` would make the page's own POST say `Origin: null`.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

function pagePolicy({ style, script, loadsFiles = false }: Page): string {
  const own = loadsFiles ? ["'self'"] : [];
  const scripts = [...own, ...(script === undefined ? [] : [digest(script)])];
  return [
    "default-src 'none'",
    'img-src data:',
    `style-src ${[...own, digest(style)].join(' ')}`,
    ...(scripts.length === 0 ? [] : [`script-src ${scripts.join(' ')}`]),
    ...(loadsFiles ? ["require-trusted-types-for 'script'", "trusted-types 'none'"] : []),
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

function digest(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}
