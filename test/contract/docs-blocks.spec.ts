import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf, docsPages, ROOT, type PageBlock } from '../support/docs/docs-blocks.js';

/** Why some examples are run by no test. A new reason is a new line here. */
const REASONS: readonly string[] = [
  'asks a container registry',
  'changes the database of a key service',
  'changes what is installed on the machine',
  'fetches what a release has published',
  'looks into the network of a deployment',
  'measures the machine for half an hour',
  'needs Java',
  'needs R',
  'needs a Kubernetes cluster',
  'needs a container engine',
  'needs an MLflow with accounts',
  'needs an AWS account',
  'needs another shell',
  'runs the tests themselves',
  'shows what no longer works',
  'starts a server that runs until it is stopped',
  'starts the system that the other examples use',
];

const blocks = docsPages().flatMap(blocksOf);
const place = ({ page, line }: PageBlock): string => `${page}:${line}`;

describe('examples in the documentation', () => {
  it('say above them how they are run: <!-- run: user -->, <!-- run by: <spec> --> or <!-- not run: <reason> -->', () => {
    expect(blocks.length).toBeGreaterThan(30);
    expect(blocks.filter(({ fate }) => fate === undefined).map(place)).toEqual([]);
  });

  it('that another test runs name one that reads their page', () => {
    const wrong = blocks.filter(({ fate, page }) => {
      if (fate?.kind !== 'run by') return false;
      const spec = join(ROOT, fate.spec);
      return !existsSync(spec) || !readFileSync(spec, 'utf8').includes(page);
    });
    expect(wrong.map(place)).toEqual([]);
  });

  it('that no test runs give one of the reasons listed here', () => {
    const given = new Set(blocks.flatMap(({ fate }) => (fate?.kind === 'not run' ? [fate.reason] : [])));
    expect([...given].sort()).toEqual([...REASONS].sort());
  });
});
