import { ENVIRONMENTS } from '../../../contracts/keys/key-management.js';
import type {
  RotationDeliveryResource,
  RotationPolicyResource,
} from '../../../contracts/keys/rotation-policies.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { CONSOLE_KEYS, CONSOLE_ROTATION } from '../frame/console-paths.js';
import { framed } from '../frame/frame.js';
import { ChoiceField, Problem, TextField, type FormState } from '../parts/form-parts.js';
import { Moment } from '../parts/moment.js';
import { counted } from '../parts/numbers.js';
import { PolicyTerms } from './policy-fields.js';
import { deliveryWords, lengthWords, subjectWords } from './policy-words.js';

export interface RotationView {
  readonly policies: readonly RotationPolicyResource[];
  /** New keys that wait, oldest first; not all of `total`. */
  readonly waiting: readonly RotationDeliveryResource[];
  readonly total: number;
  /** Of keys that are shown, by id. */
  readonly names: ReadonlyMap<string, string>;
  /** Ids of registered services. */
  readonly services: readonly string[];
  /** Somebody has just had them tried again. */
  readonly triedAgain: boolean;
  readonly now: string;
}

/** Rotation policies, new keys that wait for delivery and why, and a form for another policy. */
export function rotationPage(admin: string, view: RotationView, state: FormState): Page {
  return framed({
    title: 'Rotation',
    place: 'rotation',
    admin,
    status: state.problem?.status ?? 200,
    children: (
      <>
        <Problem problem={state.problem} />
        {view.triedAgain && (
          <p class="notice" role="status">
            It is tried again now. Load the page again to see what became of it.
          </p>
        )}
        <p>
          A policy has keys replaced before they are too old. For each key the most specific one applies: that
          of the key itself, then of its service, then of its environment.
        </p>
        <Waiting view={view} />
        <Policies view={view} />
        <h2>Make a policy</h2>
        <NewPolicy services={view.services} state={state} />
      </>
    ),
  });
}

function Waiting({ view: { waiting, total, names, now } }: { view: RotationView }) {
  if (total === 0) return null;
  const failed = waiting.some(({ last_error: error }) => error !== null);
  return (
    <div class={failed ? 'notice bad' : 'notice'}>
      <p>
        <strong>{total === 1 ? '1 new key waits' : `${total} new keys wait`}</strong>
        <span>{` to be handed over. The old ${total === 1 ? 'key stays' : 'keys stay'} valid until then.`}</span>
      </p>
      <ul class="waiting">
        {waiting.map((one) => (
          <li>
            <span>
              For <KeyLink id={one.key_id} names={names} />, made <Moment at={one.created_at} now={now} />.{' '}
              {one.last_error === null
                ? 'No attempt has failed.'
                : failureWords(one.attempts, one.last_error)}{' '}
              The next one is due <Moment at={one.next_attempt_at} now={now} />.
            </span>
            <form method="post" action={`${CONSOLE_ROTATION}/${one.policy_id}/retry`}>
              <button class="plain">Try again now</button>
            </form>
          </li>
        ))}
      </ul>
      {total > waiting.length && <p class="hint">{`The ${waiting.length} that wait longest are shown.`}</p>}
    </div>
  );
}

function failureWords(attempts: number, error: string): string {
  const which = attempts === 1 ? 'The first attempt failed' : `${attempts} attempts failed, the last one`;
  // The class name of the error would not help people.
  const words = error.replace(/^\w*Error: /, '');
  return `${which}: ${/[.!?]$/.test(words) ? words : `${words}.`}`;
}

function Policies({ view: { policies, names, now } }: { view: RotationView }) {
  if (policies.length === 0) return <p class="notice">There is no policy: keys are only rotated by hand.</p>;
  return (
    <div class="wide gap" tabIndex={0} role="region" aria-label="Policies">
      <table>
        <caption>{policies.length === 1 ? '1 policy' : `${policies.length} policies`}</caption>
        <thead>
          <tr>
            <th scope="col">For</th>
            <th scope="col">Longest age</th>
            <th scope="col">New keys go</th>
            <th scope="col" class="number">
              Active keys
            </th>
            <th scope="col">Next rotation</th>
            <th scope="col">Last handed over</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {policies.map((policy) => (
            <Row of={policy} names={names} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps extends Pick<RotationView, 'names' | 'now'> {
  readonly of: RotationPolicyResource;
}

function Row({ of: policy, names, now }: RowProps) {
  return (
    <tr>
      <th scope="row" class="name">
        {policy.key_id === null ? (
          <bdi>{subjectWords(policy)}</bdi>
        ) : (
          <KeyLink id={policy.key_id} names={names} />
        )}
        {policy.description !== null && (
          <div class="hint">
            <bdi>{policy.description}</bdi>
          </div>
        )}
      </th>
      <td>
        {counted(policy.max_age_days, 'day')}
        <div class="hint">
          {policy.overlap_seconds === 0 ? 'no overlap' : `${lengthWords(policy.overlap_seconds)} of overlap`}
        </div>
      </td>
      <td>
        <bdi>{deliveryWords(policy)}</bdi>
      </td>
      <td class="number">{policy.active_keys}</td>
      <td>
        <Next of={policy} now={now} />
      </td>
      <td>
        {policy.last_delivered_at === null ? 'never' : <Moment at={policy.last_delivered_at} now={now} />}
      </td>
      <td>
        <a href={`${CONSOLE_ROTATION}/${policy.policy_id}`} aria-label={`Edit: ${subjectWords(policy)}`}>
          Edit…
        </a>
      </td>
    </tr>
  );
}

function Next({
  of: { due_keys: due, next_rotation_at: next, warns_only: warns },
  now,
}: {
  of: RotationPolicyResource;
  now: string;
}) {
  if (due > 0) return <span class="warn">{warns ? `${due} too old: rotate by hand` : `${due} due now`}</span>;
  return next === null ? <>none</> : <Moment at={next} now={now} />;
}

function KeyLink({ id, names }: { id: string; names: RotationView['names'] }) {
  return (
    <a href={`${CONSOLE_KEYS}/${id}`}>
      <bdi>{names.get(id) ?? id}</bdi>
    </a>
  );
}

function NewPolicy({ services, state }: { services: readonly string[]; state: FormState }) {
  return (
    <form class="fields" method="post" action={CONSOLE_ROTATION}>
      <div class="pair">
        <ChoiceField
          name="service_id"
          label="For keys of the service"
          state={state}
          options={[['', 'any'], ...services.map((id) => [id, id] as const)]}
        />
        <ChoiceField
          name="environment"
          label="In the environment"
          state={state}
          options={[['', 'any'], ...ENVIRONMENTS.map((one) => [one, one] as const)]}
        />
      </div>
      <TextField
        name="key_id"
        label="Or for one key"
        state={state}
        hint="The id is on the page of the key. Leave service and environment at any."
        max={36}
      />
      <PolicyTerms state={state} />
      <div>
        <button>Make the policy</button>
      </div>
    </form>
  );
}
