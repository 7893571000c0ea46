import { ENVIRONMENTS, type KeyResource } from '../../../contracts/keys/key-management.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { CONSOLE_KEYS, CONSOLE_SERVICES } from '../frame/console-paths.js';
import { ChoiceField, Problem, TextField } from '../parts/form-parts.js';
import { framed } from '../frame/frame.js';
import { Bounds, GrantFields, Identity, Scopes, Services, type KeyFormState } from './key-form.js';

const ENDS = [
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['180', '180 days'],
  ['365', '1 year'],
  ['', 'never'],
] as const;

/**
 * The form contains the id of the future key, so it creates only one key, however often it is sent. The next step is
 * the summary.
 */
export function createPage(admin: string, state: KeyFormState): Page {
  return framed({
    title: 'Create a key',
    place: 'new',
    admin,
    status: state.problem?.status ?? 200,
    children: (
      <form class="fields" method="post" action={`${CONSOLE_KEYS}/new/summary`}>
        <Problem problem={state.problem} />
        <input type="hidden" name="id" value={state.values.get('id') ?? ''} />
        <Identity state={state} />
        <div class="pair">
          <ChoiceField
            name="service_id"
            label="Service"
            state={state}
            options={state.services.map((id) => [id, id] as const)}
          />
          <ChoiceField
            name="environment"
            label="Environment"
            state={state}
            options={ENVIRONMENTS.map((one) => [one, one] as const)}
          />
        </div>
        <p class="hint">
          Another service? <a href={CONSOLE_SERVICES}>Register it first.</a>
        </p>
        <Services state={state} title="For other services too" />
        <div class="pair">
          <ChoiceField name="expires_in_days" label="Ends after" state={state} options={ENDS} />
          <TextField name="expires_on" label="Or with the day (UTC)" type="date" state={state} />
        </div>
        <Scopes state={state} />
        <GrantFields state={state} />
        <Bounds state={state} />
        <div class="actions">
          <button>Continue</button>
          <a href={CONSOLE_KEYS}>Cancel</a>
        </div>
      </form>
    ),
  });
}

/** @param version of the key that the form shows */
export function editPage(admin: string, key: KeyResource, version: string, state: KeyFormState): Page {
  const path = `${CONSOLE_KEYS}/${key.key_id}`;
  return framed({
    title: `Edit ${key.name}`,
    place: 'keys',
    admin,
    status: state.problem?.status ?? 200,
    children: (
      <form class="fields" method="post" action={`${path}/edit`}>
        <Problem problem={state.problem} />
        <input type="hidden" name="version" value={version} />
        <Identity state={state} />
        <TextField
          name="expires_at"
          label="Ends (UTC)"
          type="datetime-local"
          state={state}
          hint={
            key.rotated_to_id === null
              ? 'Earlier than now set, never later: rotate the key, or create one, for more time.'
              : 'At most 30 days from now, and not after the key that took its place.'
          }
        />
        <Services
          state={state}
          title={`For ${key.service_ids.length === 1 ? '1 service' : `${key.service_ids.length} services`}`}
        />
        <Scopes state={state} />
        <GrantFields state={state} />
        <Bounds state={state} />
        <div class="actions">
          <button>Save</button>
          <a href={path}>Cancel</a>
        </div>
      </form>
    ),
  });
}
