import type { ComponentChildren } from 'preact';
import type { ExplainedFinding, ExplainResponse } from '../../../contracts/keys/access-explain.js';
import type { KeyResource } from '../../../contracts/keys/key-management.js';
import type { GatewayExplanation } from '../../invalidation/gateway-explanations.js';
import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { ChoiceField, LinesField, Problem, TextField, type FormState } from '../parts/form-parts.js';
import { limitWords } from './key-words.js';

export const EXPLAINED_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];

/** A question about a request, and what the gateways said. */
export interface ExplainView extends FormState {
  readonly answers?: readonly GatewayExplanation[];
}

interface ExplainProps {
  readonly of: KeyResource;
  /** Whether the key service knows a gateway that it can ask. */
  readonly canAsk: boolean;
  readonly explain: ExplainView | undefined;
}

/** Asks whether a request of the key would pass, and says what opens it or what is missing. */
export function Explain({ of: key, canAsk, explain = { values: new URLSearchParams() } }: ExplainProps) {
  return (
    <section aria-labelledby="explain">
      <h2 id="explain">Would a request pass?</h2>
      {!key.is_active && <p>No request passes: the key has ended.</p>}
      {key.is_active && !canAsk && <Unknown id={key.key_id} />}
      {key.is_active && canAsk && <Question id={key.key_id} state={explain} />}
      {key.is_active && grouped(explain.answers ?? []).map((group) => <Answer of={key} group={group} />)}
    </section>
  );
}

function Unknown({ id }: { id: string }) {
  return (
    <p class="hint">
      Only a gateway can answer this, and the key service knows none: set GATEWAY_INVALIDATE_URLS, or ask one
      yourself by <code>{`hokusai auth explain GET /api/2.0/mlflow/… --key-id ${id}`}</code>.
    </p>
  );
}

function Question({ id, state }: { id: string; state: FormState }) {
  const hasMore = ['body', 'client_ip'].some((name) => (state.values.get(name) ?? '') !== '');
  return (
    <form class="fields" method="post" action={`${CONSOLE_KEYS}/${id}/explain#explain`}>
      <Problem problem={state.problem} />
      <div class="request">
        <ChoiceField
          name="method"
          label="Method"
          state={state}
          options={EXPLAINED_METHODS.map((one) => [one, one] as const)}
        />
        <TextField
          name="path"
          label="Path and query"
          state={state}
          hint="Below the tracking URI, such as /api/2.0/mlflow/runs/get?run_id=…"
          max={4000}
          required
        />
      </div>
      <details open={hasMore}>
        <summary>With a body, or from an address</summary>
        <LinesField name="body" label="Body, as JSON" state={state} />
        <TextField
          name="client_ip"
          label="Address that it comes from"
          state={state}
          hint="If empty, the addresses of the key are not checked."
          max={45}
        />
      </details>
      <div class="actions">
        <button>Ask the gateway</button>
        <span class="hint">Nothing is sent to MLflow, and nothing counts against the limits of the key.</span>
      </div>
    </form>
  );
}

interface Group {
  readonly gateways: readonly string[];
  readonly answer: GatewayExplanation;
}

/** Gateways that say the same stand together. */
function grouped(answers: readonly GatewayExplanation[]): Group[] {
  const groups = new Map<string, { gateways: string[]; answer: GatewayExplanation }>();
  for (const { gateway, ...said } of answers) {
    const text = JSON.stringify(said);
    const group = groups.get(text) ?? { gateways: [], answer: { gateway, ...said } as GatewayExplanation };
    group.gateways.push(gateway);
    groups.set(text, group);
  }
  return [...groups.values()];
}

function Answer({ of: key, group: { gateways, answer } }: { of: KeyResource; group: Group }) {
  const by = gateways.join(' and ');
  if ('fault' in answer)
    return (
      <p class="notice warn" role="status">
        {`${by}: ${answer.fault}`}
      </p>
    );
  const { explained } = answer;
  return (
    <div class="answer">
      <Decision of={key} explained={explained} by={by} />
      <dl>
        <dt>Call of MLflow’s</dt>
        <dd>
          {explained.route ? (
            <>
              <code>{`${explained.route.method} ${explained.route.template}`}</code>
              {` (${explained.route.family}, ${explained.route.action})`}
            </>
          ) : (
            'not a call of a known version'
          )}
        </dd>
        <dt>Scope</dt>
        <dd>
          <ScopeLine explained={explained} />
        </dd>
        <dt>Grants</dt>
        <dd>
          <GrantLines of={key} findings={explained.findings} />
        </dd>
        <dt>Counts in</dt>
        <dd>{explained.limits.map(limitWords).join('; ') || 'no limit'}</dd>
      </dl>
    </div>
  );
}

const FORWARDED: Readonly<Record<NonNullable<ExplainResponse['forwarded']>, string>> = {
  unchanged: 'MLflow gets it unchanged.',
  restricted: 'MLflow gets it restricted to what the key may see.',
  answered_by_gateway: 'The gateway answers it itself.',
};

function Decision({ of: key, explained, by }: { of: KeyResource; explained: ExplainResponse; by: string }) {
  const { refusal, forwarded } = explained;
  if (refusal === null)
    return (
      <p class="notice good" role="status">
        <strong>It passes</strong>{' '}
        <span>{`at ${by}. ${forwarded === null ? '' : FORWARDED[forwarded]}`}</span>
      </p>
    );
  const missing = missingFrom(explained);
  return (
    <div class="notice bad" role="status">
      <p>
        <strong>{`It is refused with ${refusal.status}`}</strong>{' '}
        <span>
          {`at ${by}. `}
          {missing === undefined ? refusal.message : <>What is missing: {missing}.</>}
        </span>
      </p>
      {missing !== undefined && (
        <p>
          <a href={`${CONSOLE_KEYS}/${key.key_id}/edit`}>Edit the key</a>
          <span> to allow it.</span>
        </p>
      )}
    </div>
  );
}

/** What the key would need; undefined where no change of its scopes or grants would help. */
function missingFrom({ refusal, needed_scope: scope, findings }: ExplainResponse): ComponentChildren {
  if (refusal?.problem === 'insufficient-scope' && scope !== null)
    return (
      <>
        the scope <code>{scope}</code>
      </>
    );
  const lacking = findings.find(({ grant }) => grant === null);
  if (refusal?.problem !== 'resource-forbidden' || !lacking) return undefined;
  const [owner] = lacking.owners;
  const what = owner
    ? `${nounOf(owner.kind)} ${owner.name ?? owner.id ?? ''}`
    : `${nounOf(lacking.kind)} ${lacking.id}`;
  return <bdi>{`a grant to ${lacking.level} the ${what.trim()}`}</bdi>;
}

function ScopeLine({
  explained: { needed_scope: scope, opened_by: opening },
}: {
  explained: ExplainResponse;
}) {
  if (scope === null) return <>no scope is for this call: only keys with mlflow:access may make it</>;
  return (
    <>
      <code>{scope}</code>
      {opening.length === 0 ? (
        <span class="bad"> is needed, and the key does not have it</span>
      ) : (
        <> is needed, and the key has it by {opening.map((one, n) => [n > 0 && ', ', <code>{one}</code>])}</>
      )}
    </>
  );
}

function GrantLines({ of: key, findings }: { of: KeyResource; findings: readonly ExplainedFinding[] }) {
  if (key.grants === null) return <>The key has none: only its scopes decide.</>;
  if (findings.length === 0) return <>The request names nothing that needs a grant.</>;
  return (
    <ul>
      {findings.map((finding) => (
        <li>
          <bdi>{findingWords(finding)}</bdi>
          {finding.grant === null ? (
            <span class="bad">no grant opens it</span>
          ) : (
            <>
              opened by <code>{`${finding.grant.kind} ${finding.grant.value}:${finding.grant.level}`}</code>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Such as `To read the run 8c0f… (query run_id), of experiment 12: `. */
function findingWords({ kind, id, at, level, owners }: ExplainedFinding): string {
  const owned = owners
    .filter((owner) => owner.kind !== nounOf(kind) || (owner.id !== id && owner.name !== id))
    .map((owner) => `${nounOf(owner.kind)} ${owner.name ?? owner.id ?? ''}`.trim());
  const belongs = owned.length === 0 ? '' : `, of ${owned.join(', ')}`;
  return `To ${level} the ${nounOf(kind)} ${id === '' ? 'that is not named' : id} (${at})${belongs}: `;
}

const NOUNS: Readonly<Record<string, string>> = {
  'experiment-name': 'experiment',
  'new-experiment-name': 'experiment',
  'registered-name': 'model or prompt',
  'endpoint-id': 'endpoint',
};

function nounOf(kind: string): string {
  return NOUNS[kind] ?? kind.replaceAll('-', ' ');
}
