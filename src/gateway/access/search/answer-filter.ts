import type { JsonObject } from '../../../lib/json/strict-json.js';
import type { AnswerFilter } from '../../principal/forward-plan.js';
import type { Access } from '../rules/rule.js';
import { parseExact } from './exact-json.js';

/** Which rows may be seen, in their order. */
export type Select = (rows: readonly JsonObject[]) => Promise<readonly boolean[]>;

/** A longer answer is not read: 502. */
export const MAX_FILTERED_BYTES = 32 * 1024 * 1024;

/** Leaves rows out of an answer that MLflow gives whole, in one page. */
export function rowFilter(member: string, select: Select): AnswerFilter {
  return {
    maxBytes: MAX_FILTERED_BYTES,
    change: async (body) => {
      const answer = parseExact(body.toString('utf8')) as Record<string, unknown>;
      const rows = answer[member] ?? [];
      if (!Array.isArray(rows)) throw new Error(`the answer has "${member}" that is no list`);
      const kept = await selected(rows as JsonObject[], select);
      return Buffer.from(JSON.stringify({ ...answer, ...(member in answer && { [member]: kept }) }));
    },
  };
}

/** Rows by the experiments that they say they belong to; one that names none is left out. */
export function byExperiment(experimentOf: (row: JsonObject) => unknown, access: Access): Select {
  return async (rows) => {
    const ids = rows.map((row) => {
      const id = experimentOf(row);
      return typeof id === 'string' || typeof id === 'number' ? String(id) : '';
    });
    const distinct = [...new Set(ids)].filter((id) => id !== '');
    const verdict = await access.decide(
      distinct.map((id) => ({ named: { kind: 'experiment', id, at: 'answer' }, level: 'read' })),
    );
    const open = new Set(
      verdict.findings.filter(({ grant }) => grant !== undefined).map(({ need }) => need.named.id),
    );
    return ids.map((id) => open.has(id));
  };
}

async function selected(rows: readonly JsonObject[], select: Select): Promise<JsonObject[]> {
  const open = await select(rows);
  return rows.filter((_, index) => open[index] === true);
}
