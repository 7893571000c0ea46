import type { Finding } from '../grants/decide.js';
import type { GrantLevel } from '../grants/grant-set.js';
import { refuseTooMany } from '../reading/named-limit.js';
import type { Named } from '../reading/named.js';
import type { Access } from '../rules/rule.js';

export interface TraceFindings {
  /** Of the traces that exist. */
  readonly findings: readonly Finding[];
  /** Those that do not. */
  readonly missing: readonly Named[];
}

/**
 * What grants say of traces, as MLflow has them now.
 *
 * @param traces each once
 * @throws ProblemError `lookup-unavailable`; `request-too-large` for too many
 */
export async function decideTraces(
  traces: readonly Named[],
  level: GrantLevel,
  access: Access,
): Promise<TraceFindings> {
  refuseTooMany(traces.length);
  const experiments = await access.searches.traces.experimentsOf(
    traces.map(({ id }) => id),
    access,
  );
  const distinct = [...new Set(experiments.values())];
  const verdict = await access.decide(
    distinct.map((id) => ({ named: { kind: 'experiment', id, at: 'trace' }, level })),
  );
  const byExperiment = new Map(verdict.findings.map((finding) => [finding.need.named.id, finding]));
  const findings: Finding[] = [];
  const missing: Named[] = [];
  for (const named of traces) {
    const finding = byExperiment.get(experiments.get(named.id) ?? '');
    if (finding === undefined) missing.push(named);
    else findings.push({ ...finding, need: { named, level }, how: 'looked_up' });
  }
  return { findings, missing };
}
