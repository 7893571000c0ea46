import { html } from '../../../lib/http/html.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { ROUTE_SIGN_OUT, ROUTE_UI } from '../session-paths.js';
import { layout, PAGE_STYLE } from './layout.js';
import type { Texts } from './texts.js';

/** Asks before a session ends: a link alone must not end it, because any page can hold one. */
export function signOutPage({ lang, signOut, session }: Texts): Page {
  const main = html`<p>${signOut.question}</p>
    <form class="actions" method="post" action="${ROUTE_SIGN_OUT}">
      <button type="submit">${signOut.submit}</button> <a href="${ROUTE_UI}">${session.back}</a>
    </form>`;
  return { status: 200, body: layout({ lang, title: signOut.title, main }), style: PAGE_STYLE };
}
