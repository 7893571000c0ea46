import { readPage } from '../support/docs/docs-blocks.js';

const bench = readPage('bench/README.md');

/** Cells of the first row of the benchmarks that begins with these words, below this heading. */
function rowOf(heading: string, name: string): string[] {
  const section = bench.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  const row = section.split('\n').find((line) => line.startsWith(`| ${name} `)) ?? '';
  const cells = row.split('|').slice(2, -1);
  if (cells.length === 0) throw new Error(`bench/README.md has no row "${name}" below "${heading}"`);
  return cells.map((cell) => cell.trim());
}

const numberOf = (text = ''): number => Number(text.replaceAll(',', ''));
const first = (heading: string, name: string): number => numberOf(rowOf(heading, name)[0]);

const CACHED = 'Requests a second with a cached key';
const REDIS = 'The same with limits shared through Redis';
const MLFLOW = 'In front of a real MLflow';
const LARGE = 'One large artifact each way';
const overNginx = first(CACHED, 'requests/s over nginx, cached key, everything on');
const overBasicAuth = first(MLFLOW, "requests/s over MLflow's basic-auth app, one connection");

/** A sentence of a page, with its figure taken from the benchmarks. */
const SENTENCES: readonly [page: string, sentence: string][] = [
  ['README.md', `${Math.round(overBasicAuth)} times the requests of MLflow's own basic-auth app`],
  ['README.md', `${first(CACHED, 'requests/s over Caddy `forward_auth`').toFixed(1)} times those of Caddy's`],
  ['README.md', `${overNginx.toFixed(2)} of nginx`],
  ['README.md', `1/${Math.round(overBasicAuth)}, before a real MLflow | ${(1 / overNginx).toFixed(2)} `],
  ['docs/capacity.md', `${rowOf(CACHED, 'this gateway')[0]} a second, p99`],
  ['docs/capacity.md', `${rowOf(REDIS, 'this gateway, Redis')[0]} a second`],
  ['docs/capacity.md', `| ${rowOf(LARGE, 'this gateway').slice(0, 2).join(', ')} MB a second`],
  ['docs/capacity.md', `5 GiB went through with ${Math.floor(numberOf(rowOf(LARGE, 'this gateway')[2]))} MB`],
];

describe('figures in the documentation', () => {
  it.each(SENTENCES)('%s says "%s", as the benchmarks measured', (page, sentence) => {
    expect(readPage(page).replace(/\s+/g, ' ')).toContain(sentence);
  });
});
