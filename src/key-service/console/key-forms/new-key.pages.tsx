import type { KeyResource } from '../../../contracts/keys/key-management.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { framed } from '../frame/frame.js';

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
        <p class="secret" data-copy>
          {apiKey}
        </p>
        <p>For MLflow's client, with the address of your gateway in place of the dots:</p>
        <pre data-copy>
          {`export MLFLOW_TRACKING_URI='https://…/api/mlflow'\nexport MLFLOW_TRACKING_TOKEN='${apiKey}'`}
        </pre>
        <p>
          <a href={`${CONSOLE_KEYS}/${id}`}>I have stored it</a>
        </p>
      </>
    ),
  });
}
