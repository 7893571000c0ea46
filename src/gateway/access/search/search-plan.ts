import { ProblemError } from '../../../lib/http/problem-error.js';
import type { Json, JsonObject } from '../../../lib/json/strict-json.js';
import type { ForwardPlan } from '../../principal/forward-plan.js';
import { ambiguous } from '../reading/ambiguous.js';
import type { AskedRequest } from '../reading/asked-request.js';
import type { Access } from '../rules/rule.js';
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
    if (granted?.length === 0) return answerOf({});
    const filter = granted && prependFilter(list.key, granted, textOf(asked, 'filter'));
    if (filter !== undefined) {
      metrics.searched('restricted');
      return rewritten(asked, { filter });
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
  const ask = async (from: number, size: number): Promise<Rows> => {
    const request = rewritten(asked, {
      ...(filter !== undefined && { filter }),
      max_results: String(size),
      page_token: from === 0 ? undefined : offsetToken(from),
    });
    const { status, text } = await access.lookup.search({
      ...upstreamRequest(asked, request),
      workspace: access.workspace,
      grants: access.grants,
    });
    if (status !== 200) {
      // What is wrong with a search is MLflow's to explain, as it does to every other key.
      refusal.answer = { answer: { status, body: Buffer.from(text) } };
      return { rows: [], more: false };
    }
    const body = parseExact(text) as Record<string, unknown>;
    return { rows: (body[list.rows] ?? []) as JsonObject[], more: (body['next_page_token'] ?? '') !== '' };
  };
  const select = (rows: readonly JsonObject[]): Promise<readonly boolean[]> => list.select(rows, access);
  const page = await fillPage({ wanted, offset, pageLimit: list.pageLimit, select, ask });
  if (refusal.answer) return refusal.answer;
  searches.metrics.filled(page.asked, page.next !== undefined && page.rows.length < wanted);
  const token = page.next === undefined ? undefined : await searches.tokens.seal(search, page.next);
  return answerOf({
    ...(page.rows.length > 0 && { [list.rows]: page.rows }),
    ...(token !== undefined && { next_page_token: token }),
  });
}

function upstreamRequest({ route, parts }: AskedRequest, { target, body }: RewrittenRequest) {
  return {
    method: parts.method === 'POST' ? ('POST' as const) : ('GET' as const),
    path: route.template + (target?.rawQuery ?? ''),
    body,
  };
}

/** A name that cannot be written is not narrowed by. */
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
  if (typeof value !== 'string') throw ambiguous(`"${name}" is no text, or stands twice`);
  return value;
}

function answerOf(body: object): ForwardPlan {
  return { answer: { status: 200, body: Buffer.from(JSON.stringify(body)) } };
}
