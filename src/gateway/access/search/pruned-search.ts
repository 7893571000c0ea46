import { isObject } from '../../../lib/json/json-object.js';
import type { Json } from '../../../lib/json/strict-json.js';
import { OPEN, type Finding, type Verdict } from '../grants/decide.js';
import type { AskedRequest, Value } from '../reading/asked-request.js';
import { then, type Later } from '../resolve/later.js';
import { bounded, needOf, type Access, type Rule, type Ruling } from '../rules/rule.js';
import { rewritten } from './rewritten-request.js';

const AS_IT_IS: Ruling = { verdict: OPEN };

/**
 * A search in experiments that the request lists: those that are not granted are left out, the order is kept. The same
 * list and grants always come to the same, because MLflow's tokens of logged models hold the list.
 * A request without a list is left to MLflow, which finds nothing or says what is missing.
 */
export const prunedExperiments: Rule = {
  judge: (asked, access) => {
    const values = asked.read('experiment_ids[]');
    if (values.length === 0) return AS_IT_IS;
    return then(decideEach(asked, access, values), (verdict) => {
      const open = openIds(verdict);
      const kept = values.map(({ text }) => text).filter((id) => open.has(id));
      return rulingOf(verdict, values.length, kept.length, () => {
        access.searches.metrics.searched('pruned');
        return rewritten(asked, { experiment_ids: kept });
      });
    });
  },
};

/** The same for a search of traces, whose list is of places: those that are no experiments are left out too. */
export const prunedLocations: Rule = {
  judge: (asked, access) => {
    const locations = (asked.parts.fields['locations'] ?? []) as readonly Json[];
    if (locations.length === 0) return AS_IT_IS;
    const values = locations.map((location, index): Value => ({
      text: experimentOfLocation(location) ?? '',
      at: `body locations[${index}].mlflow_experiment.experiment_id`,
    }));
    return then(decideEach(asked, access, values), (verdict) => {
      const open = openIds(verdict);
      const kept = locations.filter((_, index) => open.has(values[index]?.text ?? ''));
      return rulingOf(verdict, values.length, kept.length, () => {
        access.searches.metrics.searched('pruned');
        return rewritten(asked, { locations: kept });
      });
    });
  },
};

/** The granted part, if only a part is granted. If all or nothing is granted, the verdict stands. */
export function rulingOf(
  verdict: Verdict,
  named: number,
  kept: number,
  plan: () => Ruling['plan'],
): Later<Ruling> {
  if (kept === 0 || kept === named) return { verdict };
  const findings = verdict.findings.filter(isOpen);
  const made = plan();
  return { verdict: { findings, lacking: undefined }, ...(made && { plan: made }) };
}

function isOpen({ grant }: Finding): boolean {
  return grant !== undefined;
}

export function openIds({ findings }: Verdict): ReadonlySet<string> {
  return new Set(findings.filter(isOpen).map(({ need }) => need.named.id));
}

function decideEach(asked: AskedRequest, access: Access, values: readonly Value[]): Later<Verdict> {
  return access.decide(bounded(values.map((value) => needOf(asked, 'experiment', value))));
}

/** The experiment that a place of traces names; undefined for a place of another kind. */
function experimentOfLocation(location: Json): string | undefined {
  if (!isObject(location) || !isObject(location['mlflow_experiment'])) return undefined;
  const id = location['mlflow_experiment']['experiment_id'];
  return typeof id === 'string' ? id : undefined;
}
