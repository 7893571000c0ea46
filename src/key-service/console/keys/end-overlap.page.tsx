import type { KeyResource } from '../../../contracts/keys/key-management.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { framed } from '../frame/frame.js';
import { Moment } from '../parts/moment.js';
import type { LastUse } from './key-uses.js';

export interface EndOverlapView {
  /** The old key. */
  readonly key: KeyResource;
  readonly use: LastUse | undefined;
  /** Addresses that used it within a day, latest first. */
  readonly addresses: readonly string[];
  /** Id of the key whose page leads here. */
  readonly back: string;
  readonly now: string;
}

/** Asks for confirmation before an old key that was just used is ended. */
export function endOverlapPage(admin: string, { key, use, addresses, back, now }: EndOverlapView): Page {
  return framed({
    title: `End the old key of ${key.name}?`,
    place: 'keys',
    admin,
    children: (
      <form class="fields" method="post" action={`${CONSOLE_KEYS}/${key.key_id}/overlap`}>
        <input type="hidden" name="back" value={back} />
        <input type="hidden" name="confirmed" value="yes" />
        <p class="notice warn">
          {use ? (
            <span>
              <code>{key.key_prefix}…</code> was last used <Moment at={use.at} now={now} />
              {use.address !== null && ` by ${use.address}`}
              {addresses.length > 1 &&
                `, and within a day by ${addresses.length} addresses: ${addresses.join(', ')}`}
              .
            </span>
          ) : (
            <span>Nobody has used it.</span>
          )}
        </p>
        <p>
          Whoever still uses it is refused within a second, and nobody can take that back. The key that took
          its place goes on.
        </p>
        <div class="actions">
          <button class="danger" name="days" value="0">
            End it now
          </button>
          <button class="plain" name="days" value="1">
            1 day more
          </button>
          <a href={`${CONSOLE_KEYS}/${back}`}>Keep it as it is</a>
        </div>
      </form>
    ),
  });
}
