import type { Ended } from './exchange.ts';

/** Requests by the status under which the gateway counted them. */
export type Counts = Map<string, number>;

/** What the clients saw; requests whose status only the gateway knows are counted apart. */
export class Books {
  readonly complete: Counts = new Map();
  readonly operations: Counts = new Map();
  truncated = 0;
  left = 0;
  unanswered = 0;

  enter(ended: Ended, operation: string): void {
    add(this.operations, operation);
    if (ended.how === 'complete') add(this.complete, String(ended.status));
    else this[ended.how] += 1;
  }

  get total(): number {
    return sum(this.complete) + this.truncated + this.left + this.unanswered;
  }
}

/** Statuses of answers that their client left, and of answers that were cut. */
const LEFT = ['499', '200'];
const CUT = ['502', '504', '499'];

/**
 * Compares the clients' books with the gateway's: the same total; and for each status as many as the clients
 * saw whole, more only by those that were left or cut.
 *
 * @returns what does not add up, in words
 */
export function differences(books: Books, gateway: Counts): string[] {
  const problems: string[] = [];
  if (sum(gateway) !== books.total)
    problems.push(`the gateway counted ${sum(gateway)} requests, the clients ${books.total}`);
  let surplus = 0;
  for (const status of new Set([...gateway.keys(), ...books.complete.keys()])) {
    const [theirs, ours] = [gateway.get(status) ?? 0, books.complete.get(status) ?? 0];
    if (theirs < ours)
      problems.push(`the clients saw ${ours} answers of ${status}, the gateway counted ${theirs}`);
    if (theirs === ours) continue;
    if (theirs > ours && ![...LEFT, ...CUT].includes(status))
      problems.push(`the gateway counted ${theirs} answers of ${status}, the clients saw ${ours}`);
    surplus += theirs - ours;
  }
  const unseen = books.truncated + books.left + books.unanswered;
  if (problems.length === 0 && surplus !== unseen)
    problems.push(
      `${unseen} requests ended early, and the gateway has ${surplus} answers that no client saw`,
    );
  return problems;
}

/** The gateway's own count of requests to MLflow, from the text of `/metrics`. */
export function countsOf(metrics: string): Counts {
  const counts: Counts = new Map();
  for (const [, labels = '', value = '0'] of metrics.matchAll(
    /^http_request_duration_seconds_count\{(.*)\} (\S+)$/gm,
  ))
    if (labels.includes('route="mlflow_'))
      add(counts, /status="(\d+)"/.exec(labels)?.[1] ?? '?', Number(value));
  return counts;
}

/** The same from the lines of its access log. */
export function countsOfLog(log: string): Counts {
  const counts: Counts = new Map();
  for (const line of log.split('\n')) {
    if (!line.includes('"event":"request"') || !line.includes('"route":"mlflow_')) continue;
    add(counts, String((JSON.parse(line) as { status: number }).status));
  }
  return counts;
}

/** Value of a metric without labels; NaN where there is none. */
export function gauge(metrics: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? NaN);
}

export const sum = (counts: Counts): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);

function add(counts: Counts, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
