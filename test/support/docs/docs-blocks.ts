import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeBlocks, type CodeBlock } from '../../../scripts/docs-site/markdown.ts';
import { sitePages } from '../../../scripts/docs-site/pages.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Languages whose blocks a reader would run. */
const RUN = new Set([
  'bash',
  'sh',
  'zsh',
  'console',
  'python',
  'py',
  'ts',
  'typescript',
  'js',
  'javascript',
  'mjs',
  'r',
  'R',
  'java',
]);

/**
 * What a block needs around it:
 * - `nothing`: the programs of the docs on the path;
 * - `user`: the two variables of an MLflow client;
 * - `administrator`: those, an admin token and the address of the key service;
 * - `as before`: what the blocks before it on the page have left.
 */
export const SETUPS = ['nothing', 'user', 'administrator', 'as before'] as const;
export type Setup = (typeof SETUPS)[number];

/** What the comment above a block says of it. */
export type Fate =
  | { readonly kind: 'run'; readonly setup: Setup; readonly shows: readonly string[] }
  | { readonly kind: 'run by'; readonly spec: string }
  | { readonly kind: 'not run'; readonly reason: string };

export interface PageBlock extends CodeBlock {
  readonly page: string;
  readonly fate: Fate | undefined;
}

/** Pages of the repository that are documentation, by their paths. */
export const docsPages = (): string[] => ['README.md', ...sitePages(ROOT).keys()];

export const readPage = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** Every block of a page that a reader would run. */
export function blocksOf(page: string): PageBlock[] {
  return codeBlocks(readPage(page))
    .filter(({ language }) => RUN.has(language))
    .map((block) => ({ ...block, page, code: commandsOf(block), fate: fateOf(block.marks) }));
}

/** Without what a console shows as the answer to a command. */
function commandsOf({ language, code }: CodeBlock): string {
  if (language !== 'console') return code;
  return code.replace(/^(?!\$ ).*\n/gm, '').replace(/^\$ /gm, '');
}

function fateOf(marks: readonly string[]): Fate | undefined {
  const shows = marks.flatMap((mark) => /^shows: (.+)$/.exec(mark)?.[1] ?? []);
  for (const mark of marks) {
    const [, kind, what = ''] = /^(run|run by|not run): (.+)$/.exec(mark) ?? [];
    if (kind === 'run' && isSetup(what)) return { kind, setup: what, shows };
    if (kind === 'run by') return { kind, spec: what };
    if (kind === 'not run') return { kind, reason: what };
  }
  return undefined;
}

function isSetup(name: string): name is Setup {
  return (SETUPS as readonly string[]).includes(name);
}
