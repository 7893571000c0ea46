import type { Page } from '../../../platform/browser/page-response.js';
import { html } from '../../../lib/http/html.js';
import { ROUTE_SIGN_IN } from '../session-paths.js';
import { layout, PAGE_STYLE } from './layout.js';
import type { SignInReason, Texts } from './texts.js';

export interface SignInPage {
  readonly texts: Texts;
  /** Where to go afterwards, a path that `safeNext` has checked. */
  readonly next: string;
  readonly reason?: SignInReason | undefined;
  /** Whole seconds to wait, where `reason` is `limited`. */
  readonly seconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const STATUS: Readonly<Record<SignInReason, number>> = {
  ended: 401,
  refused: 401,
  forbidden: 403,
  address: 403,
  scope: 403,
  unavailable: 503,
  limited: 429,
  'too-often': 429,
  'signed-out': 401,
  https: 403,
};

/** Reasons that say that the key in the field was wrong. */
const KEY_FAULTS = new Set<SignInReason | undefined>(['refused', 'forbidden', 'address', 'scope']);
const NOTICES = new Set<SignInReason | undefined>(['ended', 'signed-out']);

/** Keeps what is behind the # of the address, which no server sees, over the sign-in. */
const SCRIPT = `
document.forms[0].addEventListener('submit',(event)=>{event.target.action='${ROUTE_SIGN_IN}'+location.hash});
`;

/** The form that takes a key. The key never stands in the page, not even the one that was refused. */
export function signInPage({ texts, next, reason, seconds = 0, headers }: SignInPage): Page {
  const { signIn, lang } = texts;
  const text = reason && signIn.reasons[reason](seconds);
  const isBad = reason !== undefined && !NOTICES.has(reason);
  const isKeyFault = KEY_FAULTS.has(reason);
  const notice =
    text &&
    html`<p id="problem" class="notice${isBad && ' bad'}" role="${isBad ? 'alert' : 'status'}">${text}</p>`;
  const form = html`<form method="post" action="${ROUTE_SIGN_IN}">
      <input type="hidden" name="next" value="${next}" />
      <input
        type="text"
        name="username"
        value="MLflow API key"
        autocomplete="username"
        tabindex="-1"
        readonly
        hidden
      />
      <label for="key">${signIn.keyLabel}</label>
      <input
        id="key"
        name="key"
        type="password"
        autocomplete="current-password"
        autocapitalize="none"
        spellcheck="false"
        maxlength="1024"
        required
        autofocus
        aria-describedby="hint${isKeyFault && ' problem'}"
        ${isKeyFault && html` aria-invalid="true"`}
      />
      <p id="hint" class="hint">${signIn.keyHint}</p>
      <button type="submit">${signIn.submit}</button>
    </form>
    <p class="privacy">${signIn.privacy}</p>`;
  const withForm = reason !== 'https';
  return {
    status: reason === undefined ? 401 : STATUS[reason],
    body: layout({
      lang,
      title: signIn.title,
      main: html`${notice}${withForm && form}`,
      ...(withForm && { script: SCRIPT }),
    }),
    style: PAGE_STYLE,
    ...(withForm && { script: SCRIPT }),
    ...(headers && { headers }),
  };
}
