import type { KeyResource } from '../../../contracts/keys/key-management.js';
import type { LIMITS } from './key-form-fields.js';
import { grantWords, scopeWords } from './plain-words.js';

export const LIMIT_WORDS: Readonly<Record<(typeof LIMITS)[number], string>> = {
  rate_limit_per_hour: 'Requests an hour',
  burst: 'Requests at once',
  searches_per_minute: 'Searches a minute',
  writes_per_minute: 'Writes a minute',
};

/** Scopes and grants, each in a sentence. */
export function Rights({ of: key }: { of: Pick<KeyResource, 'scopes' | 'grants'> }) {
  return (
    <>
      <h2>What it may do</h2>
      <ul>
        {key.scopes.map((scope) => (
          <li>
            <code>{scope}</code> {scopeWords(scope)}
          </li>
        ))}
        {key.scopes.length === 0 && <li>Nothing: it has no scope.</li>}
      </ul>
      {key.grants !== null && (
        <>
          <p>Of that, only what these grants open:</p>
          <ul>
            {grantWords(key.grants).map((words) => (
              <li>
                <bdi>{words}</bdi>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
