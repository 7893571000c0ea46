import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';

const PAGE = join(import.meta.dirname, '../../../docs/operations.md');
const RATE = /sum\(rate\((\w+)(?:\{([^}]*)\})?\[5m\]\)\)/g;
const MATCHER = /^(\w+)(=~|!~|!=|=)"([^"]*)"$/;

/** The query of a row of "The three figures" in docs/operations.md. */
export function documentedQuery(figure: string): string {
  const row = readFileSync(PAGE, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| ${figure} |`));
  const query = /`([^`]+)` \|$/.exec(row ?? '')?.[1];
  if (query === undefined) throw new Error(`docs/operations.md has no query for ${figure}`);
  return query.replaceAll('\\|', '|');
}

/**
 * What Prometheus would give for a query of sums of rates, had it scraped these two texts five minutes apart. What is
 * left between the sums has to be plain arithmetic.
 *
 * @returns NaN where it divides nothing by nothing, as Prometheus does
 */
export function valueOver(query: string, before: string, after: string): number {
  const arithmetic = query.replace(RATE, (_all, name: string, selector?: string) => {
    const rise = total(after, name, selector) - total(before, name, selector);
    return `(${rise})`;
  });
  if (!/^[-+*/(). \d]+$/.test(arithmetic)) throw new Error(`not understood: ${arithmetic}`);
  return runInNewContext(arithmetic) as number;
}

/** @throws where no series is selected: Prometheus would give no value for all of the query */
function total(metrics: string, name: string, selector = ''): number {
  const matchers = selector === '' ? [] : selector.split(/,(?=\w)/).map(matcher);
  const values = [...metrics.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)]
    .filter(([, series]) => series === name)
    .map(([, , labels = '', value]) => ({ labels: labelsOf(labels), value: Number(value) }))
    .filter(({ labels }) => matchers.every((matches) => matches(labels)));
  if (values.length === 0) throw new Error(`no series for ${name}{${selector}}`);
  return values.reduce((sum, { value }) => sum + value, 0);
}

type Labels = ReadonlyMap<string, string>;

function labelsOf(text: string): Labels {
  return new Map([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
}

function matcher(text: string): (labels: Labels) => boolean {
  const [, name = '', operator = '', value = ''] = MATCHER.exec(text) ?? [];
  if (name === '') throw new Error(`not understood: ${text}`);
  const pattern = operator.endsWith('~') ? new RegExp(`^(?:${value})$`) : undefined;
  return (labels) => {
    const own = labels.get(name) ?? '';
    return (pattern ? pattern.test(own) : own === value) !== operator.startsWith('!');
  };
}
