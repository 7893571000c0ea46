import type { AnswerFilter } from '../../principal/forward-plan.js';
import type { Access } from '../rules/rule.js';
import { MAX_FILTERED_BYTES } from './answer-filter.js';
import { parseExact } from './exact-json.js';
import { readableNames } from './searched-list.js';
import { isObject } from '../../../lib/json/json-object.js';

const LIST = 'modelVersions';

/** Leaves the versions of other models out of every list of them, wherever in an answer of GraphQL it stands. */
export function modelVersionsFilter(access: Access): AnswerFilter {
  return {
    maxBytes: MAX_FILTERED_BYTES,
    change: async (body) => {
      const answer = parseExact(body.toString('utf8'));
      const lists = listsIn(answer);
      const open = await readableNames(
        lists.flatMap(({ rows }) => rows.map(nameOf)),
        access,
      );
      for (const { parent, rows } of lists) parent[LIST] = rows.filter((row) => open.has(nameOf(row)));
      return Buffer.from(JSON.stringify(answer));
    },
  };
}

interface Found {
  readonly parent: Record<string, unknown>;
  readonly rows: readonly unknown[];
}

function listsIn(value: unknown): Found[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value as Record<string, unknown>).flatMap(([name, member]) => {
    if (name !== LIST) return listsIn(member);
    if (member === null) return [];
    if (!Array.isArray(member)) throw new Error(`the answer has "${LIST}" that is no list`);
    return [{ parent: value as Record<string, unknown>, rows: member as readonly unknown[] }];
  });
}

function nameOf(row: unknown): string {
  const name = isObject(row) ? row['name'] : undefined;
  return typeof name === 'string' ? name : '';
}
