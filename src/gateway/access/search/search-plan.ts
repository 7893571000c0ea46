import { ProblemError } from '../../../lib/http/problem-error.js';
import { findLists } from '../../../lib/json/json-lists.js';
import type { Json } from '../../../lib/json/strict-json.js';
import type { ForwardPlan } from '../../principal/forward-plan.js';
import { ambiguous } from '../reading/ambiguous.js';
import type { AskedRequest } from '../reading/asked-request.js';
import type { Access } from '../rules/rule.js';
import { choose, nextTurn, rowFilter } from './answer-filter.js';
import { parseExact } from './exact-json.js';
import { fillPage, offsetToken, type Rows } from './page-filler.js';
import { prependFilter } from './prepend-filter.js';
import { rewritten, type RewrittenRequest } from './rewritten-request.js';
import type { SearchedList } from './searched-list.js';

/**
 * Limits a search that names no resource to what a key may see. If MLflow's filters can express that, MLflow is asked
 * for just that. Otherwise the gateway puts its page together from several pages of MLflow.
 *
 * @throws ProblemError where MLflow cannot be asked, or the request has no page that could be made
 */
export async function planSearch(
  list: SearchedList,
  asked: AskedRequest,
  access: Access,
): Promise<ForwardPlan> {
  const { metrics, abilities } = access.searches;
  if (await abilities.takesLists(list.ability)) {
    const granted = await list.granted(access);
    if (granted?.length === 0) return { answer: { status: 200, body: Buffer.from('{}') } };
    const filter = granted && prependFilter(list.key, granted, textOf(asked, 'filter'));
    if (filter !== undefined) {
      metrics.searched('restricted');
      const plan = rewritten(asked, { filter });
      if (!list.saysAll || list.isSettled(access)) return plan;
      return { ...plan, answerFilter: rowFilter(list.rows, list.choice(access)) };
    }
  }
  return fill(list, asked, access);
}

async function fill(list: SearchedList, asked: AskedRequest, access: Access): Promise<ForwardPlan> {
  const { searches } = access;
  const only = list.onlyName(access);
  const filter = only === undefined ? undefined : nameFilter(only, textOf(asked, 'filter'));
  const search = filter === undefined ? list.rows : `${list.rows} of one name`;
  const wanted = wantedOf(list, asked);
  const offset = await offsetOf(search, asked, access);
  const refusal: { answer?: ForwardPlan } = {};
  const ask = async (from: number, size: number): Promise<Rows<Buffer>> => {
    const request = rewritten(asked, {
      ...(filter !== undefined && { filter }),
      max_results: String(size),
      page_token: from === 0 ? undefined : offsetToken(from),
    });
    const { status, bytes } = await access.lookup.search({
      ...upstreamRequest(asked, request),
      workspace: access.workspace,
      grants: access.grants,
    });
    if (status !== 200) {
      // MLflow itself reports the error in a search, as for every other key.
      refusal.answer = { answer: { status, body: bytes } };
      return { rows: [], more: false };
    }
    return pageOf(list, bytes);
  };
  const choice = list.choice(access);
  const select = (rows: readonly Buffer[]): Promise<readonly boolean[]> => choose(textsOf(rows), choice);
  const page = await fillPage({ wanted, offset, pageLimit: list.pageLimit, select, ask });
  if (refusal.answer) return refusal.answer;
  searches.metrics.filled(page.asked, page.next !== undefined && page.rows.length < wanted);
  const token = page.next === undefined ? undefined : await searches.tokens.seal(search, page.next);
  return { answer: { status: 200, body: answerOf(list, page.rows, token) } };
}

/** Rows stay as MLflow has written them: they may be thousands. */
function answerOf(list: SearchedList, rows: readonly Buffer[], token: string | undefined): Buffer {
  const members: Buffer[][] = [];
  if (rows.length > 0) {
    const listed = rows.flatMap((row, index) => (index === 0 ? [row] : [COMMA, row]));
    members.push([Buffer.from(`"${list.rows}":[`), ...listed, Buffer.from(']')]);
  }
  if (token !== undefined) members.push([Buffer.from(`"next_page_token":${JSON.stringify(token)}`)]);
  const inside = members.flatMap((member, index) => (index === 0 ? member : [COMMA, ...member]));
  return Buffer.concat([Buffer.from('{'), ...inside, Buffer.from('}')]);
}

async function pageOf(list: SearchedList, bytes: Buffer): Promise<Rows<Buffer>> {
  const [found] = await findLists(bytes, { member: list.rows, where: 1 }, nextTurn);
  const places = found?.rows ?? [];
  const rows: Buffer[] = [];
  for (let at = 0; at < places.length; at += 2) rows.push(bytes.subarray(places[at], places[at + 1]));
  const rest = found
    ? Buffer.concat([bytes.subarray(0, found.start + 1), bytes.subarray(found.end - 1)])
    : bytes;
  const { next_page_token: token } = parseExact(rest.toString('utf8')) as { next_page_token?: unknown };
  return { rows, more: (token ?? '') !== '' };
}

function* textsOf(rows: readonly Buffer[]): Generator<string> {
  for (const row of rows) yield row.toString('utf8');
}

const COMMA = Buffer.from(',');

function upstreamRequest({ route, parts }: AskedRequest, { target, body }: RewrittenRequest) {
  return {
    method: parts.method === 'POST' ? ('POST' as const) : ('GET' as const),
    path: route.template + (target?.rawQuery ?? ''),
    body,
  };
}

/** A name that cannot be written in a filter is not used to restrict the search. */
function nameFilter(name: string, filter: string): string | undefined {
  const listed = prependFilter('name', [name], filter);
  return listed?.replace(/^name IN \(('[^']*')\)/, 'name = $1');
}

function wantedOf(list: SearchedList, asked: AskedRequest): number {
  const given = asked.parts.fields['max_results'] ?? list.defaultResults;
  const wanted = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : given;
  if (typeof wanted === 'number' && Number.isInteger(wanted) && wanted >= 1 && wanted <= list.maxResults)
    return wanted;
  throw new ProblemError('bad-request', {
    message: `"max_results" must be a whole number from 1 to ${list.maxResults}.`,
  });
}

async function offsetOf(search: string, asked: AskedRequest, access: Access): Promise<number> {
  const token = textOf(asked, 'page_token');
  if (token === '') return 0;
  const offset = await access.searches.tokens.open(search, token);
  if (offset !== undefined) return offset;
  throw new ProblemError('bad-request', {
    message:
      '"page_token" is none that this gateway gave for this search in the last 24 hours. Begin the search again without it.',
  });
}

/** A string of the request; empty if there is none, which MLflow treats the same. */
function textOf(asked: AskedRequest, name: string): string {
  const value: Json | undefined = asked.parts.fields[name];
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw ambiguous(`"${name}" is not a string, or is there twice`);
  return value;
}
