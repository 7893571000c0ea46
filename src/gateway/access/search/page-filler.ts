/** Rows of one page of MLflow's. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  /** Whether more follow. */
  readonly more: boolean;
}

export interface FillRequest<Row> {
  /** Rows of the client's page. */
  readonly wanted: number;
  /** Place in MLflow's list to begin at. */
  readonly offset: number;
  /** Most rows that MLflow gives at once. */
  readonly pageLimit: number;
  /** Which rows of a page are granted, in their order. */
  readonly select: (rows: readonly Row[]) => Promise<readonly boolean[]>;
  readonly ask: (offset: number, size: number) => Promise<Rows<Row>>;
}

export interface FilledPage<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; undefined where nothing granted follows. */
  readonly next: number | undefined;
  /** Pages asked for. */
  readonly asked: number;
}

/**
 * Most pages of MLflow that are read for one page of a client. After that the client gets a short page and asks for
 * the next.
 */
export const MAX_UPSTREAM_PAGES = 5;
/**
 * The same limit while no granted row was found. MLflow's UI treats an empty first page as an empty list, even with a
 * token, and offers no next one.
 */
export const MAX_EMPTY_PAGES = 40;
/** Smaller pages would save few rows and cost more requests. */
const SMALLEST_PAGE = 100;
/** If the first page had too few granted rows, the following pages are larger, up to MLflow's maximum. */
const LARGER_PAGE = 1000;
const LARGER_PAGES = 3;

/**
 * A page of granted rows in MLflow's order, as many as the client wants. It looks one granted row ahead, so that a next
 * page is announced only where there is something on it.
 */
export async function fillPage<Row>(request: FillRequest<Row>): Promise<FilledPage<Row>> {
  const { wanted, pageLimit, select, ask } = request;
  const rows: Row[] = [];
  let { offset } = request;
  for (let asked = 1; ; asked++) {
    const page = await ask(offset, Math.min(pageLimit, Math.max(leastRows(asked, pageLimit), wanted + 1)));
    const granted = await select(page.rows);
    for (const [index, row] of page.rows.entries()) {
      if (granted[index] === true) {
        if (rows.length === wanted) return { rows, next: offset, asked };
        rows.push(row);
      }
      offset += 1;
    }
    if (!page.more || page.rows.length === 0) return { rows, next: undefined, asked };
    if (asked >= (rows.length > 0 ? MAX_UPSTREAM_PAGES : MAX_EMPTY_PAGES))
      return { rows, next: offset, asked };
  }
}

function leastRows(asked: number, pageLimit: number): number {
  if (asked === 1) return SMALLEST_PAGE;
  return asked <= LARGER_PAGES ? LARGER_PAGE : pageLimit;
}

/** MLflow's own token for a place in a list. */
export function offsetToken(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString('base64');
}
