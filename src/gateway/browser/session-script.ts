import { createHash } from 'node:crypto';
import type { Texts } from './pages/texts.js';

export interface SessionScript {
  readonly body: Buffer;
  /** Changes with the body: part of its address. */
  readonly version: string;
}

const KNOWN = new Map<Texts, SessionScript>();

/** The script of MLflow's page in one language. */
export function sessionScript(texts: Texts): SessionScript {
  let script = KNOWN.get(texts);
  if (!script) {
    const body = Buffer.from(SOURCE.replace('TEXTS', JSON.stringify({ lang: texts.lang, ...texts.script })));
    script = { body, version: createHash('sha256').update(body).digest('base64url').slice(0, 16) };
    KNOWN.set(texts, script);
  }
  return script;
}

/** Relative, as all of MLflow's own are, and in ASCII: it is put into a page whose bytes are not decoded. */
export function sessionScriptTag(texts: Texts): string {
  return `<script src="session.js?v=${sessionScript(texts).version}&amp;lang=${texts.lang}"></script>`;
}

/*
 * Runs in MLflow's page before MLflow's own scripts, in whatever browser its reader has: no build, no imports, no
 * inline style that a policy could forbid.
 *
 * - An answer that says that the session has ended becomes a dialog; the address stays, so that a reload leads to the
 *   sign-in page and back to the same view. MLflow's pages would show empty skeletons for ever.
 * - MLflow's Logout asks for its account with a user that cannot exist, to make a browser forget a Basic password. That
 *   call is turned into the sign-out: throwing here would make MLflow reload before the session has ended.
 * - Some versions ask for a few answers of the API at the root of the host, where MLflow is not: 3.5 so for a trace.
 * - Where MLflow does not ask who its reader is, it has no account menu: a link to the session's page takes its place.
 */
const SOURCE = `(() => {
'use strict';
const texts = TEXTS;
const home = new URL('.', document.currentScript.src);
const at = (path) => new URL(path, home).href;
let dialog;
let hasAccount = false;
let link;

const element = (name, text, style, attributes) => {
  const made = Object.assign(document.createElement(name), { textContent: text }, attributes);
  made.style.cssText = style;
  return made;
};
const button = (text, isMain, act) => {
  const made = element('button', text, 'font:inherit;font-weight:600;padding:.6em 1.1em;border-radius:.4em;cursor:pointer;'
    + 'border:1px solid light-dark(#0b5fa5,#8cc3f5);'
    + (isMain ? 'color:light-dark(#fff,#0b1a28);background:light-dark(#0b5fa5,#8cc3f5)'
      : 'color:light-dark(#0b5fa5,#8cc3f5);background:transparent'), { type: 'button' });
  made.addEventListener('click', act);
  return made;
};
const whenThere = (act) => {
  if (document.body) act();
  else document.addEventListener('DOMContentLoaded', act, { once: true });
};
const show = (title, text, buttons) => whenThere(() => {
  if (dialog) return;
  dialog = element('dialog', '', 'color-scheme:light dark;max-width:26rem;padding:1.75rem;border-radius:.75rem;'
    + 'font:16px/1.5 system-ui,"Liberation Sans",sans-serif;color:light-dark(#1b2127,#e9edf1);'
    + 'background:light-dark(#fff,#1b2127);border:1px solid light-dark(#7c8894,#6f7c88)');
  dialog.lang = texts.lang;
  dialog.setAttribute('aria-labelledby', 'session-dialog-title');
  dialog.setAttribute('aria-describedby', 'session-dialog-text');
  const row = element('div', '', 'display:flex;flex-wrap:wrap;gap:.75rem');
  row.append(...buttons);
  dialog.append(element('h2', title, 'margin:0 0 .5rem;font-size:1.25rem', { id: 'session-dialog-title' }),
    element('p', text, 'margin:0 0 1.25rem', { id: 'session-dialog-text' }), row);
  document.body.append(dialog);
  dialog.showModal();
});
const signOut = () => fetch(at('sign-out'), { method: 'POST' }).finally(() => location.assign(home));
const showEnded = () => show(texts.ended, texts.endedAdvice,
  [button(texts.signIn, true, () => location.reload())]);
const showForbidden = (message) => show(texts.forbidden, message,
  [button(texts.signOut, true, signOut), button(texts.close, false, () => { dialog.remove(); dialog = undefined; })]);
const look = (session, body) => {
  if (session === 'ended') showEnded();
  else if (session === 'forbidden') body().then((problem) => showForbidden(problem.message), () => showForbidden(''));
};

// On a slow machine MLflow may ask after the link has appeared.
const noteAccount = (url) => {
  if (!url.includes('users/current')) return;
  hasAccount = true;
  link?.remove();
};

const mounted = (url) => typeof url === 'string' && url.startsWith('/ajax-api/') ? at(url.slice(1)) : url;

const fetchBefore = window.fetch;
window.fetch = async function (url, ...args) {
  const response = await fetchBefore.call(this, mounted(url), ...args);
  if (response.ok) noteAccount(response.url);
  if (!response.ok) look(response.headers.get('x-session'), () => response.clone().json());
  return response;
};

const openBefore = XMLHttpRequest.prototype.open;
XMLHttpRequest.prototype.open = function (method, url, ...rest) {
  if (String(rest[1]).startsWith('mlflow-logged-out')) return openBefore.call(this, 'POST', at('sign-out'), true);
  this.addEventListener('load', () => {
    if (this.status === 200) noteAccount(String(url));
    if (this.status === 401 || this.status === 403)
      look(this.getResponseHeader('x-session'), async () => JSON.parse(this.responseText));
  });
  return openBefore.call(this, method, mounted(url), ...rest);
};

// A part of the page could not be loaded. The browser does not tell the page why, so the script asks.
addEventListener('error', ({ target }) => {
  if (target instanceof HTMLScriptElement || target instanceof HTMLLinkElement)
    fetch(at('session'), { method: 'HEAD' }).catch(() => undefined);
}, true);

addEventListener('load', () => setTimeout(() => {
  if (hasAccount) return;
  link = element('a', texts.session, 'color-scheme:light dark;position:fixed;left:.5rem;bottom:.5rem;z-index:9;'
    + 'padding:.3em .7em;border-radius:.4em;font:14px/1.4 system-ui,sans-serif;color:light-dark(#0b5fa5,#8cc3f5);'
    + 'background:light-dark(#fff,#1b2127);border:1px solid light-dark(#7c8894,#6f7c88)', { href: at('session'), lang: texts.lang });
  document.body.append(link);
}, 3000));
})();
`;
