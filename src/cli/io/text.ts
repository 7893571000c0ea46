/** Keys of every issuer, wherever they stand in a text. */
const KEYS = /\b((?:hk|hok)_(?:live|test|dev)_)[0-9A-Za-z_-]{8,}/g;
/** Terminal control: C0 without tab and newline, DEL and C1. A name from a server must not move the cursor. */
// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Takes keys out of a text that is about to be shown. */
export function redact(text: string): string {
  return text.replace(KEYS, '$1…');
}

/** Whether a text is itself an API key, and so must not stand where it was found. */
export function looksLikeKey(text: string): boolean {
  return /^(?:hk|hok)_(?:live|test|dev)_[0-9A-Za-z_-]{16,}$/.test(text);
}

/** A text of a server as it may be written to a terminal. */
export function printable(text: string): string {
  return text.replace(CONTROL, '\ufffd');
}
