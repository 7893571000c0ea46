/** A string that is HTML already and is inserted unchanged. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What a template takes: strings are escaped, lists are joined, and false, null and undefined become nothing. */
export type HtmlPart = Html | string | number | false | null | undefined | readonly HtmlPart[];

/** A piece of HTML; everything inserted is escaped for text and for quoted attributes, unless it is HTML itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let text = strings[0] as string;
  parts.forEach((part, index) => (text += render(part) + (strings[index + 1] as string)));
  return new Html(text);
}

/** Trusts a string to be HTML: only for constants of the program, never for input. */
export function trustedHtml(text: string): Html {
  return new Html(text);
}

function render(part: HtmlPart): string {
  if (part === false || part === null || part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return part.map(render).join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for quoted attribute values. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
}
