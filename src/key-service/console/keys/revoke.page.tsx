import type { KeyResource } from '../../../contracts/keys/key-management.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { CONSOLE_KEYS, CONSOLE_REVOKE } from '../frame/console-paths.js';
import { Problem, TextField, type FormState } from '../parts/form-parts.js';
import { framed } from '../frame/frame.js';
import { statusOf } from './key-words.js';
import type { LastUse } from './key-uses.js';
import { Moment, spokenTime } from '../parts/moment.js';

export interface RevokeView {
  readonly keys: readonly { readonly key: KeyResource; readonly use: LastUse | undefined }[];
  /** Addresses that used the one key within 7 days, latest first. */
  readonly addresses: readonly string[];
  /** What has to be typed, because a key was used within 7 days. */
  readonly confirmation?: string;
  readonly now: string;
}

/** Asks before keys are revoked. */
export function revokePage(admin: string, view: RevokeView, state?: FormState): Page {
  const { keys, confirmation, now } = view;
  const [first] = keys;
  const isOne = keys.length === 1;
  const shown = state ?? { values: new URLSearchParams() };
  return framed({
    title: isOne ? `Revoke ${first?.key.name}?` : `Revoke ${keys.length} keys?`,
    place: 'keys',
    admin,
    status: state?.problem?.status ?? 200,
    children: (
      <form class="fields" method="post" action={CONSOLE_REVOKE}>
        <Problem problem={state?.problem} />
        {isOne && <p class={confirmation === undefined ? 'notice' : 'notice warn'}>{useWords(view)}</p>}
        <p>Gateways refuse a revoked key within a second. Nobody can take that back.</p>
        <ul>
          {keys.map(({ key, use }) => (
            <li>
              <input type="hidden" name="id" value={key.key_id} />
              <bdi>{key.name}</bdi> <code>{key.key_prefix}…</code>
              {!key.is_active && ` · ${statusOf(key, now).words}`} ·{' '}
              {use ? (
                <>
                  used <Moment at={use.at} now={now} />
                  {use.address !== null && ` by ${use.address}`}
                </>
              ) : (
                'never used'
              )}
            </li>
          ))}
        </ul>
        <TextField name="reason" label="Reason, for the audit log" state={shown} />
        {confirmation !== undefined && (
          <TextField name="confirm" label={`Type ${confirmation} to confirm`} state={shown} required />
        )}
        <div class="actions">
          <button class="danger">Revoke</button>
          <a href={isOne && first ? `${CONSOLE_KEYS}/${first.key.key_id}` : CONSOLE_KEYS}>Keep</a>
        </div>
      </form>
    ),
  });
}

/** Such as `It was used 3 min ago, within 7 days from 10.0.1.7 and 10.0.1.8.` */
function useWords({ keys, addresses, confirmation, now }: RevokeView): string {
  const use = keys[0]?.use;
  if (!use) return 'It was never used.';
  const when = `It was last used ${spokenTime(use.at, now)}`;
  if (confirmation === undefined || addresses.length === 0) return `${when}.`;
  const [one] = addresses;
  return addresses.length === 1
    ? `${when}, and within 7 days only from ${one}.`
    : `${when}, and within 7 days from ${addresses.length} addresses: ${addresses.join(', ')}.`;
}
