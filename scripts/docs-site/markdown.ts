import { slug } from './slug.ts';

/** One fenced block of code in a page. */
export interface CodeBlock {
  /** First word behind the fence, such as `bash`. */
  readonly language: string;
  readonly code: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** The comments in the lines above it, without their marks, nearest last. */
  readonly marks: readonly string[];
}

const FENCE = /^( *)(`{3,})(\S*).*$/;

/** @returns each line with whether it lies in a fenced block, its fences included */
function* linesOf(
  markdown: string,
): Generator<{ text: string; line: number; inFence: boolean; opens: boolean }> {
  let fence: string | undefined;
  let line = 0;
  for (const text of markdown.split('\n')) {
    line++;
    const found = FENCE.exec(text)?.[2];
    const opens = fence === undefined && found !== undefined;
    const closes = fence !== undefined && text.trim() === fence;
    if (opens) fence = found;
    yield { text, line, inFence: fence !== undefined, opens };
    if (closes && !opens) fence = undefined;
  }
}

/** Changes the text of a page outside of its fenced blocks. */
export function mapProse(markdown: string, change: (line: string) => string): string {
  return [...linesOf(markdown)].map(({ text, inFence }) => (inFence ? text : change(text))).join('\n');
}

/** The text of a page without its fenced blocks. */
export function proseOf(markdown: string): string {
  return [...linesOf(markdown)].map(({ text, inFence }) => (inFence ? '' : text)).join('\n');
}

/** Every fenced block of a page, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: { language: string; lines: string[]; line: number; marks: string[]; indent: number }[] = [];
  let marks: string[] = [];
  for (const { text, line, inFence, opens } of linesOf(markdown)) {
    if (opens) {
      const [, indent = '', , language = ''] = FENCE.exec(text) ?? [];
      blocks.push({ language, lines: [], line, marks, indent: indent.length });
      marks = [];
    } else if (inFence) blocks.at(-1)?.lines.push(text.slice(blocks.at(-1)?.indent ?? 0));
    else {
      const mark = /^\s*<!-- (.+) -->$/.exec(text)?.[1];
      if (mark !== undefined) marks.push(mark);
      else if (text.trim() !== '') marks = [];
    }
  }
  return blocks.map(({ language, lines, line, marks: above }) => ({
    language,
    // The last line is the closing fence.
    code: lines.slice(0, -1).join('\n') + '\n',
    line,
    marks: above,
  }));
}

/** The first heading of a page, as plain text. */
export function titleOf(markdown: string): string | undefined {
  return headingsOf(markdown)[0]?.text;
}

/** Every heading of a page, with its anchor. */
export function headingsOf(markdown: string): { text: string; level: number; anchor: string }[] {
  const seen = new Map<string, number>();
  return proseOf(markdown)
    .split('\n')
    .flatMap((line) => {
      const [, marks, words] = /^(#{1,6}) (.+)$/.exec(line) ?? [];
      if (marks === undefined || words === undefined) return [];
      const text = words.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
      const base = slug(text);
      const count = seen.get(base) ?? 0;
      seen.set(base, count + 1);
      return [{ text, level: marks.length, anchor: count === 0 ? base : `${base}-${count}` }];
    });
}

/** The targets of the links and pictures of a page, outside of code. */
export function linksOf(markdown: string): string[] {
  const links: string[] = [];
  mapProse(markdown, (line) => mapLinks(line, (target) => (links.push(target), target)));
  return links;
}

/** Changes the targets of the links and pictures of one line, but not what stands in code spans. */
export function mapLinks(line: string, change: (target: string) => string): string {
  return line
    .split(/(`[^`]*`(?![^[\]]*\]\())/)
    .map((part) =>
      part.startsWith('`')
        ? part
        : part.replace(/\]\(([^()\s]+)\)/g, (_all, target: string) => `](${change(target)})`),
    )
    .join('');
}
