import type { Need } from '../grants/decide.js';
import { ambiguous } from '../reading/ambiguous.js';
import type { AskedRequest, Value } from '../reading/asked-request.js';
import { readJudge } from '../reading/judge-reader.js';
import { mapLater, then } from '../resolve/later.js';
import type { Access, Rule, Source } from './rule.js';

/**
 * What a judge or an optimizer in the request would touch. MLflow would run it for anybody who sends it.
 *
 * @param name as the route table has it; absent is none
 */
export function judges(name: string): Source {
  return (asked) => asked.read(name).flatMap((value) => needsOf(value, name));
}

const LOOKUPS_AT_ONCE = 8;

/** A judge that MLflow has already: the one of a version, or the newest. */
export interface RegisteredJudge {
  readonly name: string;
  readonly version: number | undefined;
}

/**
 * The same of judges that are registered in the experiment of the request, which somebody else may have made.
 *
 * @param rule what the request itself needs
 */
export function withRegistered(rule: Rule, named: (asked: AskedRequest) => readonly RegisteredJudge[]): Rule {
  return {
    ...rule,
    judge: (asked, access) =>
      then(rule.judge(asked, access), (ruling) => {
        const registered = ruling.verdict.lacking === undefined ? named(asked) : [];
        if (registered.length === 0) return ruling;
        return withNeeds(asked, access, registered, ruling);
      }),
  };
}

async function withNeeds(
  asked: AskedRequest,
  access: Access,
  registered: readonly RegisteredJudge[],
  ruling: Awaited<ReturnType<Rule['judge']>>,
): Promise<typeof ruling> {
  const experiment = asked.one('experiment_id').text;
  const found = await mapLater(registered, LOOKUPS_AT_ONCE, (one) => registeredText(one, experiment, access));
  const { findings, lacking } = await access.decide(
    found.flatMap((value) => (value === undefined ? [] : needsOf(value, 'serialized_scorer'))),
  );
  return { ...ruling, verdict: { findings: [...ruling.verdict.findings, ...findings], lacking } };
}

/** Undefined if there is none of that name: then MLflow says so, or has one of its own. */
async function registeredText(
  { name, version }: RegisteredJudge,
  experimentId: string,
  access: Access,
): Promise<Value | undefined> {
  const query = new URLSearchParams({ experiment_id: experimentId, name });
  if (version !== undefined) query.set('version', String(version));
  const path = `/api/3.0/mlflow/scorers/get?${query.toString()}`;
  const answer = await access.lookup.get(path, access);
  if (!answer.found) return undefined;
  const text = access.lookup.read(path, () => {
    const { scorer } = answer.body as { scorer: { serialized_scorer?: unknown } };
    if (typeof scorer.serialized_scorer !== 'string') throw new Error('the answer has no scorer');
    return scorer.serialized_scorer;
  });
  return { text, at: `registered scorer ${JSON.stringify(name)}` };
}

function needsOf({ text, at }: Value, name: string): Need[] {
  if (text === '') return [];
  const reading = readJudge(text);
  if ('fault' in reading) throw ambiguous(`"${name}" ${reading.fault}`);
  const { endpoints, traces, settings } = reading;
  return [
    ...endpoints.map((id): Need => ({ named: { kind: 'endpoint', id, at }, level: 'invoke' })),
    ...traces.map((id): Need => ({ named: { kind: 'trace', id, at }, level: 'read' })),
    ...settings.map((id): Need => ({ named: { kind: 'judge-setting', id, at }, level: 'write' })),
  ];
}
