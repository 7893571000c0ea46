import type { ComponentChildren } from 'preact';
import type { KeyResource } from '../../../contracts/keys/key-management.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { actionWords } from '../audit/audit.page.js';
import { CONSOLE_AUDIT, CONSOLE_KEYS, CONSOLE_REVOKE } from '../frame/console-paths.js';
import { framed } from '../frame/frame.js';
import { Explain, type ExplainView } from './explain-part.js';
import { KeyUsage } from './key-usage-part.js';
import { LIMITS } from '../key-forms/key-form-fields.js';
import { limitWords, statusOf } from './key-words.js';
import type { KeyView } from './key-views.js';
import { minuteOf, Moment } from '../parts/moment.js';
import { isOverlapping, Lineage } from './overlap.js';
import { LIMIT_WORDS, Rights } from '../key-forms/rights.js';

/** Everything about one key. */
export function keyPage(admin: string, view: KeyView & { readonly explain?: ExplainView }): Page {
  const { key } = view;
  return framed({
    title: key.name,
    place: 'keys',
    admin,
    status: view.explain?.problem?.status ?? 200,
    children: (
      <>
        {key.is_active && <Actions of={key} />}
        <Facts view={view} />
        <Lineage view={view} />
        <KeyUsage view={view} />
        <Rights of={key} />
        <Explain of={key} canAsk={view.limits.length > 0} explain={view.explain} />
        <Limits view={view} />
        <Changes view={view} />
      </>
    ),
  });
}

function Actions({ of: key }: { of: KeyResource }) {
  const path = `${CONSOLE_KEYS}/${key.key_id}`;
  return (
    <div class="actions">
      {key.rotated_to_id === null && (
        <a class="button plain" href={`${path}/rotate`}>
          Rotate…
        </a>
      )}
      <a class="button plain" href={`${path}/edit`}>
        Edit…
      </a>
      <a class="button danger" href={`${CONSOLE_REVOKE}?id=${key.key_id}`}>
        Revoke…
      </a>
    </div>
  );
}

function Facts({ view: { key, uses, addresses, now } }: { view: KeyView }) {
  const { words, tone } = statusOf(key, now);
  const use = uses.get(key.key_id);
  const facts: readonly (readonly [name: string, value: ComponentChildren])[] = [
    ['Status', <span class={tone}>{words}</span>],
    ['Begins with', <code>{key.key_prefix}</code>],
    ['Owner', key.user_id ?? 'nobody'],
    ['Description', key.description],
    [key.service_ids.length === 1 ? 'Service' : 'Services', key.service_ids.join(', ')],
    ['Environment', key.environment],
    [
      'Used',
      use && (
        <>
          <Moment at={use.at} now={now} />
          {use.address !== null && `, from ${use.address}`}
          {addresses.length > 1 && `; ${addresses.length} addresses lately`}
        </>
      ),
    ],
    ['Ends', key.expires_at === null ? 'never' : <Moment at={key.expires_at} now={now} />],
    ['May be used from', key.allowed_ips?.join(', ') ?? 'any address'],
    ['Made', `${minuteOf(key.created_at)}${key.created_by === null ? '' : ` by ${plain(key.created_by)}`}`],
    [
      'Revoked',
      key.revoked_at !== null &&
        [minuteOf(key.revoked_at), key.revoked_by !== null && `by ${plain(key.revoked_by)}`]
          .filter(Boolean)
          .join(' '),
    ],
    ['Reason', key.revoke_reason],
    ['Key id', <code>{key.key_id}</code>],
  ];
  return (
    <dl>
      {facts.map(
        ([name, value]) =>
          (name === 'Used' || Boolean(value)) && (
            <>
              <dt>{name}</dt>
              <dd>
                <bdi>{value || 'never'}</bdi>
              </dd>
            </>
          ),
      )}
    </dl>
  );
}

function plain(actor: string): string {
  return actor.replace(/^admin:/, '');
}

/** Limits of the key, and what its gateways say is left of them. */
function Limits({ view: { key, limits } }: { view: KeyView }) {
  return (
    <>
      <h2>Limits</h2>
      <dl>
        {LIMITS.map((name) => (
          <>
            <dt>{LIMIT_WORDS[name]}</dt>
            <dd>{key[name]?.toLocaleString('en') ?? 'the gateway’s default'}</dd>
          </>
        ))}
      </dl>
      {limits.map(({ gateway, known, limits: counted, fault }) => (
        <p>
          {`Left now at ${gateway}: `}
          {fault !== null && <span class="warn">{`not known, ${fault}`}</span>}
          {fault === null && !known && 'all, it has not served the key lately'}
          {fault === null &&
            known &&
            counted
              .map((one) => `${(one.remaining ?? one.limit).toLocaleString('en')} of ${limitWords(one)}`)
              .join('; ')}
        </p>
      ))}
      {isOverlapping(key) && <p class="hint">A key that took its place has limits of its own.</p>}
    </>
  );
}

/** The latest entries of the audit log about the key. */
function Changes({ view: { key, changes, now } }: { view: KeyView }) {
  return (
    <>
      <h2>Changes</h2>
      <ul>
        {changes.map(({ action, actor, at }) => (
          <li>
            {actionWords(action)} <Moment at={at} now={now} /> by <bdi>{plain(actor)}</bdi>
          </li>
        ))}
      </ul>
      <p>
        <a href={`${CONSOLE_AUDIT}?key_id=${key.key_id}`}>All entries of the audit log about it</a>
      </p>
    </>
  );
}
