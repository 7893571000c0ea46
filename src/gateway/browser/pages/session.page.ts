import { html, type Html, type HtmlPart } from '../../../lib/http/html.js';
import type { Page } from '../../../platform/browser/page-response.js';
import type { KeyFacts } from '../../principal/key-facts.js';
import { ROUTE_SIGN_OUT, ROUTE_UI } from '../session-paths.js';
import { layout, PAGE_STYLE } from './layout.js';
import type { Texts } from './texts.js';

export interface Remaining {
  readonly remaining: number;
  readonly limit: number;
}

export interface SessionPage {
  readonly texts: Texts;
  readonly facts: KeyFacts;
  /** The first characters of the key; undefined where it did not come in a session. */
  readonly keyPrefix: string | undefined;
  /** Unix seconds; undefined if there is no session. */
  readonly sessionEnds: number | undefined;
  /** What is left of both limits; undefined where nothing is counted. */
  readonly hour: Remaining | undefined;
  readonly burst: Remaining | undefined;
}

/** Shows what the owner of a key may know about it, and the button to sign out. */
export function sessionPage(page: SessionPage): Page {
  const { texts, facts, keyPrefix, sessionEnds } = page;
  const words = texts.session;
  const rows: [string, HtmlPart][] = [
    ...(keyPrefix === undefined ? [] : [[words.key, html`<code>${keyPrefix}…</code>`] as [string, Html]]),
    [words.keyId, facts.keyId ?? words.unknown],
    [words.user, facts.userId ?? words.unknown],
    [words.scopes, list(facts.scopes, { missing: 'mlflow:access', empty: words.none })],
    [words.addresses, list(facts.allowedIps, { missing: words.any, empty: words.none })],
    [words.keyEnds, facts.expiresAtMs === null ? words.never : time(facts.expiresAtMs, texts)],
    ...(sessionEnds === undefined
      ? []
      : [[words.sessionEnds, time(sessionEnds * 1000, texts)] as [string, Html]]),
    [words.hour, left(page.hour, texts)],
    [words.burst, left(page.burst, texts)],
  ];
  const main = html`<dl>
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    <form class="actions" method="post" action="${ROUTE_SIGN_OUT}">
      <a class="button plain" href="${ROUTE_UI}">${words.back}</a
      ><button type="submit">${words.signOut}</button>
    </form>`;
  return {
    status: 200,
    body: layout({ lang: texts.lang, title: words.title, wide: true, main }),
    style: PAGE_STYLE,
  };
}

function list(values: readonly string[] | null, words: { missing: string; empty: string }): string {
  if (values === null) return words.missing;
  return values.length === 0 ? words.empty : values.join(', ');
}

function left(remaining: Remaining | undefined, { session }: Texts): string {
  return remaining === undefined ? session.unknown : session.left(remaining.remaining, remaining.limit);
}

/** In UTC, and said so: the server does not know where its reader is. */
function time(ms: number, { lang }: Texts): Html {
  const date = new Date(ms);
  const text = date.toLocaleString(lang, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return html`<time datetime="${date.toISOString()}">${text} UTC</time>`;
}
