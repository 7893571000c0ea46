/**
 * Terminal control (C0 without tab and newline, DEL and C1) and characters that change the direction of text
 * (Unicode Bidi_Control). A name from a server must neither move the cursor nor reorder what stands around it.
 */
// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A server's text as it may be written to a terminal. */
export function printable(text: string): string {
  return text.replace(CONTROL, '\ufffd');
}

/** The same on one line, so that a server's text cannot look like a line of our own. */
export function printableLine(text: string): string {
  return printable(text).replace(/\s*\n\s*/g, ' ');
}

/** JSON that holds the same values and shows no control character: those that JSON leaves as they are get escaped. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    CONTROL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
