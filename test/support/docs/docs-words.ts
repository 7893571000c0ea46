import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks, proseOf } from '../../../scripts/docs-site/markdown.ts';
import { docsPages, readPage, ROOT } from './docs-blocks.js';

/** A piece of code on a page: a span in a sentence, or a fenced block. */
export interface PageCode {
  readonly page: string;
  readonly code: string;
  readonly isBlock: boolean;
}

/** Pages that speak of the product as it is now; records of decisions also name what was not taken. */
export const currentPages = (): string[] => docsPages().filter((page) => !page.startsWith('docs/decisions/'));

/** All code of a page. */
export function codeOf(page: string): PageCode[] {
  const markdown = readPage(page);
  const spans = [...proseOf(markdown).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => ({
    page,
    code,
    isBlock: false,
  }));
  const blocks = codeBlocks(markdown).map(({ code }) => ({ page, code, isBlock: true }));
  return [...spans, ...blocks];
}

const PLACES = [
  'src/**/*.ts',
  'src/**/*.json',
  'scripts/**/*.{ts,mjs,py}',
  'bench/**/*.{ts,mjs,conf,py}',
  'docker/**/*.*',
  'docker/Dockerfile',
  'deploy/**/*.*',
  'examples/**/*.{ts,sh,conf,yml,ipynb}',
  'package.json',
  '.env.example',
];

let known: ReadonlySet<string> | undefined;

/** Every word that stands in the project's code: names of metrics, events, fields, variables and files. */
export function wordsOfTheCode(): ReadonlySet<string> {
  if (known !== undefined) return known;
  const words = new Set<string>();
  for (const place of PLACES)
    for (const file of globSync(place, { cwd: ROOT, withFileTypes: false }))
      if (!file.endsWith('.spec.ts'))
        for (const [word] of readFileSync(join(ROOT, file), 'utf8').matchAll(/[A-Za-z][\w-]*[A-Za-z0-9]/g))
          words.add(word);
  known = words;
  return words;
}
