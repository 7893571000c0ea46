import type { JsonObject } from '../../../lib/json/strict-json.js';
import type { ForwardPlan } from '../../principal/forward-plan.js';
import { OPEN, type Need, type Verdict } from '../grants/decide.js';
import type { GrantLevel, Owner } from '../grants/grant-set.js';
import type { AskedRequest, Value } from '../reading/asked-request.js';
import type { BodyForm } from '../reading/body-fields.js';
import { MAX_NAMED, refuseTooMany } from '../reading/named-limit.js';
import type { NamedKind } from '../reading/named.js';
import { then, type Later } from '../resolve/later.js';
import type { Asker } from '../resolve/owner-resolver.js';
import type { RuleParts } from './rule-parts.js';

/** What a rule may ask besides the request. */
export interface Access extends Asker, RuleParts {
  /** Finds out what decides about each need, and compares it with the grants. */
  decide(needs: readonly Need[]): Later<Verdict>;
}

/** What a rule decides about a request. */
export interface Ruling {
  readonly verdict: Verdict;
  /** What is forwarded, answered or learned instead of what the client sent; the body stays unless it stands here. */
  readonly plan?: ForwardPlan;
  /** For usage, in place of the owners that were found: what would have been enough. */
  readonly enough?: Owner;
}

/** How the grants of a key decide one call of MLflow's. */
export interface Rule {
  /** As the route table says unless given: not read where no id stands in it. */
  readonly body?: BodyForm;
  /** Bytes of the longest body, where it is not ACCESS_MAX_BODY_BYTES. */
  readonly maxBodyBytes?: number;
  /** MLflow reads JSON here under any content type. */
  readonly anyContentType?: true;
  /** @throws ProblemError where the request cannot be decided */
  judge(asked: AskedRequest, access: Access): Later<Ruling>;
}

/** Rules of one family of routes, by MLflow's names of the calls. */
export type RulesByCall = Readonly<Record<string, Rule>>;

/** The call names nothing that can be granted, so the scope check is enough. */
export const BY_SCOPE_ALONE: Rule = { judge: () => ({ verdict: OPEN }) };

/** Finds needs in a request. */
export type Source = (asked: AskedRequest) => readonly Need[];

/**
 * A value that must be there: a request without it names nothing, and no grant allows it.
 *
 * @param name as the route table has it
 * @param level what the call does to it; the route's action unless given
 */
export function one(kind: NamedKind, name: string, level?: GrantLevel): Source {
  return (asked) => [needOf(asked, kind, asked.one(name), level)];
}

/** The same for a list, and for what may be absent: each that is there is needed. */
export function each(kind: NamedKind, name: string, level?: GrantLevel): Source {
  return (asked) =>
    asked.read(name).flatMap((value) => (value.text === '' ? [] : [needOf(asked, kind, value, level)]));
}

/** A list that must not be empty. */
export function some(kind: NamedKind, name: string): Source {
  return (asked) => {
    const values = asked.read(name);
    return (values.length > 0 ? values : [{ text: '', at: `${asked.parts.place} ${name}` }]).map((value) =>
      needOf(asked, kind, value),
    );
  };
}

/** The rule of a call that is open where all of its needs are. */
export function needs(...sources: readonly Source[]): Rule {
  return {
    judge: (asked, access) =>
      then(access.decide(bounded(sources.flatMap((source) => source(asked)))), (verdict) => ({ verdict })),
  };
}

/** @throws ProblemError `request-too-large` */
export function bounded(all: readonly Need[]): readonly Need[] {
  if (all.length > MAX_NAMED)
    refuseTooMany(new Set(all.map(({ named }) => `${named.kind} ${named.id}`)).size);
  return all;
}

/** A plan that also calls back when MLflow has accepted the request, before the client gets the answer. */
export function onSuccess(plan: ForwardPlan | undefined, then: () => void): ForwardPlan {
  const before = plan?.learn;
  const read = (body: Buffer | undefined): void => {
    before?.read(body);
    then();
  };
  return { ...plan, learn: { maxBytes: before?.maxBytes ?? 0, read } };
}

export function needOf(asked: AskedRequest, kind: NamedKind, { text, at }: Value, level?: GrantLevel): Need {
  return { named: { kind, id: text, at }, level: level ?? asked.route.action };
}

/** What a request says of the tags of a new thing. */
export function tagsOf(asked: AskedRequest): readonly JsonObject[] {
  const { tags } = asked.parts.fields;
  return Array.isArray(tags) ? (tags as JsonObject[]) : [];
}
