import { findLists } from '../../../lib/json/json-lists.js';
import { decide, type Finding } from '../grants/decide.js';
import { resourceForbidden } from '../grants/resource-forbidden.js';
import type { NamedKind } from '../reading/named.js';
import { then } from '../resolve/later.js';
import { QUESTIONS } from '../resolve/questions.js';
import type { Resolved } from '../grants/decide.js';
import type { ForwardPlan } from '../../principal/forward-plan.js';
import { MAX_FILTERED_BYTES, nextTurn } from '../search/answer-filter.js';
import { parseExact } from '../search/exact-json.js';
import type { Access, Rule } from './rule.js';

/** Kinds of things whose answers to a read have the form of the answers to look-ups. */
type SaidKind = 'experiment' | 'experiment-name' | 'registered-name' | 'trace' | 'endpoint-id';

const SAID: ReadonlySet<NamedKind> = new Set<SaidKind>([
  'experiment',
  'experiment-name',
  'registered-name',
  'trace',
  'endpoint-id',
]);

/**
 * A read of one resource that may be renamed or moved while the request is under way. MLflow's answer says which
 * resource it shows, so the grants are compared with the answer too. If they do not allow it, the client gets the
 * usual refusal.
 *
 * @param rule that decides by the one thing which the answer shows
 */
export function checkedAgain(rule: Rule): Rule {
  return planning(rule, (finding, access) =>
    SAID.has(finding.need.named.kind) && !isSettled(finding)
      ? { answerCheck: { maxBytes: MAX_FILTERED_BYTES, change: (body) => check(body, finding, access) } }
      : {},
  );
}

/**
 * The same for answers that do not name the owner: MLflow is asked again which experiment a trace or a data set
 * belongs to.
 */
export function lookedUpAgain(rule: Rule): Rule {
  return planning(rule, (finding, access) =>
    opensAll(finding)
      ? {}
      : {
          lookAgain: async () => refuseUnlessOpen(await access.owners.again(finding.need, access), access),
        },
  );
}

function planning(rule: Rule, plan: (finding: Finding, access: Access) => ForwardPlan): Rule {
  return {
    ...rule,
    judge: (asked, access) =>
      then(rule.judge(asked, access), (ruling) => {
        const [finding] = ruling.verdict.findings;
        if (ruling.verdict.lacking !== undefined || finding === undefined) return ruling;
        return { ...ruling, plan: { ...ruling.plan, ...plan(finding, access) } };
      }),
  };
}

/** Nothing that can change has decided. */
function isSettled(finding: Finding): boolean {
  const { need, grant } = finding;
  return (need.named.kind === 'experiment' && grant?.by === 'id') || opensAll(finding);
}

function opensAll({ grant }: Finding): boolean {
  return grant?.kind === 'experiment' && grant.by === 'name' && grant.value === '*';
}

async function check(body: Buffer, { need }: Finding, access: Access): Promise<Buffer> {
  const { kind, id } = need.named;
  const read = kind === 'trace' ? await withoutSpans(body, 2) : body;
  const owners = QUESTIONS[kind as SaidKind].ownersIn(parseExact(read.toString('utf8')), id);
  refuseUnlessOpen(await access.owners.resolvedBy(owners, need, access), access);
  return body;
}

/** @throws ProblemError `resource-forbidden` */
function refuseUnlessOpen(resolved: Resolved, { grants }: Access): void {
  const { lacking } = decide([resolved], grants);
  if (lacking !== undefined) throw resourceForbidden(lacking);
}

/** Spans may be many, and say nothing of where the trace is. */
async function withoutSpans(body: Buffer, depth: number): Promise<Buffer> {
  const [spans] = await findLists(body, { member: 'spans', where: depth }, nextTurn);
  if (spans === undefined) return body;
  return Buffer.concat([body.subarray(0, spans.start + 1), body.subarray(spans.end - 1)]);
}
