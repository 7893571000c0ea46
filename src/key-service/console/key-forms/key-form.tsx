import type { KeyFacet } from '../../../contracts/keys/key-management.js';
import {
  SCOPE_ADMIN,
  SCOPE_FAMILIES,
  SCOPE_INVOKE,
  SCOPE_LEVELS,
  SCOPE_MLFLOW_ACCESS,
  SCOPES,
} from '../../../contracts/access/scopes.js';
import { ChoiceField, LinesField, problemOf, TextField, type FormState } from '../parts/form-parts.js';
import { GRANT_KINDS, type GrantKind } from './grants-text.js';
import { scopeWords } from './plain-words.js';

/** What a form about a key offers. */
export interface KeyFormState extends FormState {
  /** Ids of registered services. */
  readonly services: readonly string[];
  /** Owners that keys have. */
  readonly owners: readonly KeyFacet[];
}

const WIDE_SCOPES = [
  SCOPE_MLFLOW_ACCESS,
  ...SCOPE_LEVELS.map((level) => `mlflow:${level}`),
  SCOPE_INVOKE,
  SCOPE_ADMIN,
];

const GRANT_FIELDS: Readonly<Record<GrantKind, readonly [label: string, hint: string]>> = {
  experiments: ['Experiments', 'By id or by name, with a level: 12:write or team-a/*:read.'],
  models: ['Models', 'By name, with a level: team-a-*:write.'],
  prompts: ['Prompts', 'By name, with a level: *:read.'],
  endpoints: ['Endpoints of the AI gateway', 'By name: gpt-*.'],
  workspaces: ['Workspaces', 'By their whole names.'],
};

/** Whose key it is and what for. */
export function Identity({ state }: { state: KeyFormState }) {
  return (
    <>
      <TextField name="name" label="Name" state={state} required max={200} />
      <div class="pair">
        <TextField name="user_id" label="Owner" state={state} list="owners" max={255} />
        <TextField name="description" label="Description" state={state} />
      </div>
      <datalist id="owners">
        {state.owners.map(({ value }) => value !== null && <option value={value} />)}
      </datalist>
    </>
  );
}

/** Services beside the main one, or all of a key. */
export function Services({ state, title }: { state: KeyFormState; title: string }) {
  const chosen = new Set(state.values.getAll('service_ids'));
  return (
    <details open={problemOf(state, 'service_ids') !== undefined}>
      <summary id="service_ids">{title}</summary>
      <FieldsetProblem state={state} name="service_ids" />
      <div class="ticks">
        {state.services.map((id) => (
          <label>
            <input type="checkbox" name="service_ids" value={id} checked={chosen.has(id)} /> {id}
          </label>
        ))}
      </div>
    </details>
  );
}

/** Every scope with its sentence; those of single families are folded away while none is chosen. */
export function Scopes({ state }: { state: KeyFormState }) {
  const chosen = new Set(state.values.getAll('scopes'));
  const families = SCOPE_FAMILIES.flatMap((family) =>
    [...SCOPE_LEVELS, '*'].map((level) => `${family}:${level}`),
  );
  // An imported key may have other scopes. They stay in the list, so that an unchanged form changes nothing.
  const unknown = [...chosen].filter((scope) => !SCOPES.includes(scope));
  return (
    <fieldset id="scopes">
      <legend>What it may do</legend>
      <FieldsetProblem state={state} name="scopes" />
      <Ticks scopes={[...WIDE_SCOPES, ...unknown]} chosen={chosen} />
      <details open={families.some((scope) => chosen.has(scope)) && !chosen.has(SCOPE_MLFLOW_ACCESS)}>
        <summary>One kind of thing at a time</summary>
        <Ticks scopes={families} chosen={chosen} />
      </details>
    </fieldset>
  );
}

function Ticks({ scopes, chosen }: { scopes: readonly string[]; chosen: ReadonlySet<string> }) {
  return (
    <div class="ticks">
      {scopes.map((scope) => (
        <label>
          <input type="checkbox" name="scopes" value={scope} checked={chosen.has(scope)} />
          <code>{scope}</code>
          <span class="hint">{scopeWords(scope)}</span>
        </label>
      ))}
    </div>
  );
}

/** The grants: which resources the scopes apply to. */
export function GrantFields({ state }: { state: KeyFormState }) {
  return (
    <fieldset>
      <legend>On which things</legend>
      <FieldsetProblem state={state} name="grants" />
      <ChoiceField
        name="grants"
        label="The scopes count for"
        state={state}
        options={[
          ['any', 'everything in MLflow'],
          ['named', 'only what is named below'],
        ]}
      />
      <details open={state.values.get('grants') === 'named'}>
        <summary>Name them, one a line</summary>
        <p class="hint">
          * stands for any characters. Levels are read, write and manage. Grants go with any scope but{' '}
          {SCOPE_MLFLOW_ACCESS}.
        </p>
        <div class="pair">
          {GRANT_KINDS.map((kind) => (
            <LinesField
              name={`grant_${kind}`}
              label={GRANT_FIELDS[kind][0]}
              hint={GRANT_FIELDS[kind][1]}
              state={state}
            />
          ))}
        </div>
      </details>
    </fieldset>
  );
}

/** Limits and allowed addresses. */
export function Bounds({ state }: { state: KeyFormState }) {
  return (
    <fieldset>
      <legend>How much, and from where</legend>
      <p class="hint">An empty limit is the gateway’s default.</p>
      <div class="pair">
        <TextField name="rate_limit_per_hour" label="Requests an hour" type="number" state={state} />
        <TextField name="burst" label="Requests at once" type="number" state={state} />
        <TextField name="searches_per_minute" label="Searches a minute" type="number" state={state} />
        <TextField name="writes_per_minute" label="Writes a minute" type="number" state={state} />
      </div>
      <LinesField
        name="allowed_ips"
        label="Addresses that may use it, one a line"
        hint="Such as 192.0.2.7 or 10.0.0.0/8. Empty: any."
        state={state}
      />
    </fieldset>
  );
}

function FieldsetProblem({ state, name }: { state: FormState; name: string }) {
  const problem = problemOf(state, name);
  return problem === undefined ? null : <p class="bad">{`This ${problem}.`}</p>;
}
