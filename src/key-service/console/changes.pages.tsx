import type { KeyResource } from '../../contracts/key-management.js';
import type { Page } from '../../platform/browser/page-response.js';
import { CONSOLE_KEYS, CONSOLE_REVOKE } from './console-paths.js';
import { framed } from './frame.js';
import { day } from './key-words.js';

/** Asks before keys are revoked. @param confirm what has to be typed; undefined where nothing has */
export function revokePage(admin: string, keys: readonly KeyResource[], confirm: string | undefined): Page {
  return framed({
    title: keys.length === 1 ? `Revoke ${keys[0]?.name}?` : `Revoke ${keys.length} keys?`,
    place: 'keys',
    admin,
    children: (
      <form class="fields" method="post" action={CONSOLE_REVOKE}>
        <p>Gateways refuse a revoked key within a second, and it can’t be taken back.</p>
        <ul>
          {keys.map(({ key_id, name, key_prefix, last_used_at }) => (
            <li>
              <input type="hidden" name="id" value={key_id} />
              <bdi>{name}</bdi> <code>{key_prefix}…</code>,{' '}
              {last_used_at === null ? 'never used' : `used ${day(last_used_at)}`}
            </li>
          ))}
        </ul>
        <div>
          <label for="reason">Reason, for the audit log</label>
          <input id="reason" name="reason" maxlength={500} />
        </div>
        {confirm !== undefined && (
          <div>
            <label for="confirm">In use within the last 7 days: type {confirm} to confirm</label>
            <input id="confirm" name="confirm" required autocomplete="off" />
          </div>
        )}
        <div class="actions">
          <button class="danger">Revoke</button>
          <a href={CONSOLE_KEYS}>Keep</a>
        </div>
      </form>
    ),
  });
}

export function rotatePage(admin: string, key: KeyResource): Page {
  return framed({
    title: `Rotate ${key.name}`,
    place: 'keys',
    admin,
    children: (
      <form class="fields" method="post" action={`${CONSOLE_KEYS}/${key.key_id}/rotate`}>
        <p>
          A new key with the same rights and the same end takes its place. The old one goes on for a while:
        </p>
        <div>
          <label for="overlap">The old key ends in</label>
          <select id="overlap" name="overlap_seconds">
            <option value="0">no time: at once</option>
            <option value="3600">1 hour</option>
            <option value="86400" selected>
              1 day
            </option>
            <option value="604800">7 days</option>
          </select>
        </div>
        <div class="actions">
          <button>Rotate</button>
          <a href={`${CONSOLE_KEYS}/${key.key_id}`}>Cancel</a>
        </div>
      </form>
    ),
  });
}

/** The only page that ever shows a key. */
export function shownOncePage(admin: string, id: string, apiKey: string): Page {
  return framed({
    title: 'Your new key',
    admin,
    children: (
      <>
        <p class="notice warn" role="status">
          Store it now: it is shown this once, and nobody can look it up.
        </p>
        <p class="secret">{apiKey}</p>
        <pre>{`export MLFLOW_TRACKING_TOKEN='${apiKey}'`}</pre>
        <p>
          <a href={`${CONSOLE_KEYS}/${id}`}>I have stored it</a>
        </p>
      </>
    ),
  });
}
