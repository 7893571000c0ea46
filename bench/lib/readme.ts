import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { ROOT } from './programs.ts';

/** One figure of a section: what it is, what it was, what it should be. */
export type Row = readonly string[];

/** A GitHub table; the first row is the head. */
export function table(rows: readonly Row[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: Row): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

/** Replaces what stands between a section's two markers. @throws Error where the text has no such markers */
export function replaceBetween(text: string, section: string, content: string): string {
  const [open, close] = [`<!-- generated:${section} -->`, `<!-- /generated:${section} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`no markers for ${section}`);
  return `${text.slice(0, from + open.length)}\n\n${content.trim()}\n\n${text.slice(to)}`;
}

const README = `${ROOT}/bench/README.md`;

/** Puts a section's new content into bench/README.md. */
export async function writeSection(section: string, content: string): Promise<void> {
  const text = replaceBetween(readFileSync(README, 'utf8'), section, content);
  const style = JSON.parse(readFileSync(`${ROOT}/.prettierrc.json`, 'utf8')) as object;
  writeFileSync(README, await format(text, { ...style, parser: 'markdown' }));
}

/** A number for people: three significant digits, thousands set apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

export type Goal = { atLeast: number } | { atMost: number } | { below: number };

/** The goal in words, and whether a value meets it. */
export function judged(value: number, goal: Goal | undefined): [goal: string, verdict: string] {
  if (!goal) return ['–', '–'];
  const [words, met] =
    'atLeast' in goal
      ? [`≥ ${figure(goal.atLeast)}`, value >= goal.atLeast]
      : 'atMost' in goal
        ? [`≤ ${figure(goal.atMost)}`, value <= goal.atMost]
        : [`< ${figure(goal.below)}`, value < goal.below];
  return [words, Number.isFinite(value) ? (met ? 'met' : '**missed**') : 'not measured'];
}
