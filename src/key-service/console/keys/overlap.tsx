import type { KeyResource } from '../../../contracts/keys/key-management.js';
import { HOUR_MS } from '../../../lib/durations.js';
import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { statusOf } from './key-words.js';
import type { KeyView } from './key-views.js';
import { Moment } from '../parts/moment.js';

/** A key that was not used for this time is quiet: one click ends its overlap, without a confirmation. */
const QUIET_MS = HOUR_MS;

/** The line of rotated keys, with buttons for old keys that are still valid. */
export function Lineage({ view }: { view: KeyView }) {
  const { key, lineage } = view;
  if (lineage.length === 1) return null;
  return (
    <>
      <h2>Rotation</h2>
      <ol class="lineage">
        {lineage.map((one) => (
          <li>
            {one.key_id === key.key_id ? (
              <strong>This key</strong>
            ) : (
              <a href={`${CONSOLE_KEYS}/${one.key_id}`}>
                <bdi>{one.name}</bdi>
              </a>
            )}{' '}
            <code>{one.key_prefix}…</code> · {statusOf(one, view.now).words}
            {isOverlapping(one) && <Overlap of={one} view={view} />}
          </li>
        ))}
      </ol>
    </>
  );
}

/** Whether the key is still valid although it was rotated. */
export function isOverlapping(key: KeyResource): boolean {
  return key.is_active && key.rotated_to_id !== null;
}

/** Whether ending it needs a confirmation, because it was used within the last hour. */
export function isQuiet(lastUsedAt: string | undefined, now: string): boolean {
  return lastUsedAt === undefined || Date.parse(now) - Date.parse(lastUsedAt) >= QUIET_MS;
}

function Overlap({ of: old, view: { key, uses, now } }: { of: KeyResource; view: KeyView }) {
  const use = uses.get(old.key_id);
  const action = `${CONSOLE_KEYS}/${old.key_id}/overlap`;
  return (
    <div class={isQuiet(use?.at, now) ? 'notice' : 'notice warn'}>
      <p>
        {use ? (
          <>
            {isQuiet(use.at, now) ? 'Quiet, last used' : 'Still used'}
            {use.address !== null && ` by ${use.address}`}, <Moment at={use.at} now={now} />
          </>
        ) : (
          'Nobody has used it'
        )}
        {old.expires_at !== null && (
          <>
            ; it ends <Moment at={old.expires_at} now={now} />
          </>
        )}
        .
      </p>
      <form class="actions" method="post" action={action}>
        <input type="hidden" name="back" value={key.key_id} />
        <button class="plain" name="days" value="1">
          1 day more
        </button>
        <button class="plain" name="days" value="7">
          7 days more
        </button>
        <button class="plain" name="days" value="0">
          {isQuiet(use?.at, now) ? 'End it now' : 'End it now…'}
        </button>
      </form>
    </div>
  );
}
