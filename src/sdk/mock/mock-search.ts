import { invalid } from './mock-fault.js';

/** A value that is searched or sorted by. */
export type Attribute = string | number | undefined;
/** Finds what an identifier such as `metrics.loss` means for an item. */
export type Resolve<T> = (item: T, entity: string, key: string) => Attribute;

interface Comparison {
  entity: string;
  key: string;
  operator: string;
  value: string | number | (string | number)[];
}

const COMPARISON =
  /^\s*((?:`[^`]+`|"[^"]+"|[\w.-])+)\s*(NOT\s+IN|IN|NOT\s+LIKE|ILIKE|LIKE|>=|<=|!=|=|>|<)\s*(\([^)]*\)|'[^']*'|"[^"]*"|-?[\d.eE+-]+)\s*/i;

/**
 * Parses MLflow's filter language: comparisons joined by AND.
 *
 * @throws MockFault on anything else
 */
export function parseFilter(filter: string | undefined): Comparison[] {
  const comparisons: Comparison[] = [];
  for (let rest = (filter ?? '').trim(); rest !== '';) {
    const parts = COMPARISON.exec(rest);
    if (!parts) throw invalid(`Invalid clause(s) in filter string: ${rest}`);
    const [matched, identifier = '', operator = '', value = ''] = parts;
    comparisons.push({
      ...parseIdentifier(identifier),
      operator: operator.toUpperCase().replace(/\s+/g, ' '),
      value: value.startsWith('(') ? parseList(value) : parseValue(value),
    });
    rest = rest.slice(matched.length);
    const joint = /^AND\s+/i.exec(rest);
    if (joint) rest = rest.slice(joint[0].length);
    else if (rest !== '') throw invalid(`Invalid clause(s) in filter string: ${rest}`);
  }
  return comparisons;
}

/** Items that fit a filter, sorted by `order_by` clauses and then by the given default. */
export function select<T>(
  items: Iterable<T>,
  resolve: Resolve<T>,
  request: { filter?: string; order_by?: readonly string[] },
  defaultOrder: readonly string[],
): T[] {
  const comparisons = parseFilter(request.filter);
  const found = [...items].filter((item) =>
    comparisons.every((one) => fits(resolve(item, one.entity, one.key), one.operator, one.value)),
  );
  if (comparisons.some(({ key, value }) => Array.isArray(value) && key !== 'run_id'))
    throw invalid("Only ['run_id'] attributes support comparison with a list of quoted string values.");
  const orders = [...(request.order_by ?? []), ...defaultOrder].map(parseOrder);
  return found.sort((a, b) => {
    for (const { entity, key, sign } of orders) {
      const order = compare(resolve(a, entity, key), resolve(b, entity, key), sign);
      if (order !== 0) return order;
    }
    return 0;
  });
}

/** One page of items; the token is the offset. */
export function pageOf<T>(
  items: readonly T[],
  request: { max_results?: number | string; page_token?: string },
  most: number,
): { items: T[]; next_page_token?: string } {
  const size = Number(request.max_results ?? Math.min(most, 1000));
  if (!(size >= 1 && size <= most))
    throw invalid(`Invalid value ${size} for parameter 'max_results' supplied.`);
  const start = request.page_token ? Number(request.page_token) : 0;
  if (!Number.isSafeInteger(start)) throw invalid('Invalid page token');
  const end = start + size;
  return { items: items.slice(start, end), ...(end < items.length && { next_page_token: String(end) }) };
}

function parseIdentifier(text: string): { entity: string; key: string } {
  const dot = /^(\w+)\.(.+)$/.exec(text);
  const key = (dot?.[2] ?? text).replace(/^[`"]|[`"]$/g, '');
  const entity = (dot?.[1] ?? 'attribute').toLowerCase();
  const plain: Record<string, string> = {
    metrics: 'metric',
    params: 'param',
    parameter: 'param',
    parameters: 'param',
    tags: 'tag',
    attributes: 'attribute',
    attr: 'attribute',
    run: 'attribute',
  };
  return { entity: plain[entity] ?? entity, key };
}

function parseValue(text: string): string | number {
  if (/^['"]/.test(text)) return text.slice(1, -1);
  const number = Number(text);
  if (Number.isNaN(number)) throw invalid(`Invalid value in filter string: ${text}`);
  return number;
}

function parseList(text: string): (string | number)[] {
  return (text.match(/'[^']*'|"[^"]*"|-?[\d.]+/g) ?? []).map(parseValue);
}

function parseOrder(clause: string): { entity: string; key: string; sign: 1 | -1 } {
  const parts = /^\s*(.+?)(?:\s+(ASC|DESC))?\s*$/i.exec(clause);
  if (!parts) throw invalid(`Invalid order_by clause '${clause}'`);
  return { ...parseIdentifier(parts[1] ?? ''), sign: parts[2]?.toUpperCase() === 'DESC' ? -1 : 1 };
}

function fits(actual: Attribute, operator: string, wanted: Comparison['value']): boolean {
  if (actual === undefined) return false;
  if (Array.isArray(wanted)) return wanted.some((one) => equal(actual, one)) === (operator === 'IN');
  const order = compare(actual, typeof actual === 'number' ? Number(wanted) : String(wanted), 1);
  switch (operator) {
    case '=':
      return equal(actual, wanted);
    case '!=':
      return !equal(actual, wanted);
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case 'LIKE':
      return like(String(wanted), '').test(String(actual));
    case 'ILIKE':
      return like(String(wanted), 'i').test(String(actual));
    default:
      throw invalid(`Invalid comparator in filter string: ${operator}`);
  }
}

function equal(actual: string | number, wanted: string | number): boolean {
  return typeof actual === 'number' ? actual === Number(wanted) : actual === String(wanted);
}

/** SQL's pattern: % is any text, _ any character. */
function like(pattern: string, flags: string): RegExp {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}

/** Absent values come last, in both directions. */
function compare(a: Attribute, b: Attribute, sign: 1 | -1): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
  return String(a) < String(b) ? -sign : String(a) > String(b) ? sign : 0;
}
