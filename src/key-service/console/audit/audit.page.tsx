import type { AuditEntryResource, AuditResponse } from '../../../contracts/admin/audit.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { AUDIT_ACTIONS, type AuditAction } from '../../audit/audit-writer.js';
import type { CheckedChain } from '../../audit/audit-watch.js';
import { CONSOLE_AUDIT, CONSOLE_KEYS } from '../frame/console-paths.js';
import { Choice, DateField, Field } from '../parts/filter-parts.js';
import { framed } from '../frame/frame.js';
import { count, counted } from '../parts/numbers.js';
import { minuteOf } from '../parts/moment.js';
import { Table } from '../parts/table.js';

/** Past tense of each action; also for those of a newer version, which have no words here. */
const ACTION_WORDS: Readonly<Record<AuditAction, string>> = {
  'key.created': 'Key created',
  'key.updated': 'Key changed',
  'key.revoked': 'Key revoked',
  'key.rotated': 'Key rotated',
  'key.expired': 'Key expired',
  'key.imported': 'Key imported',
  'service.registered': 'Service registered',
  'service.removed': 'Service removed',
  'rotation-policy.created': 'Rotation policy made',
  'rotation-policy.updated': 'Rotation policy changed',
  'rotation-policy.removed': 'Rotation policy removed',
};

export interface AuditView {
  readonly query: URLSearchParams;
  readonly audit: AuditResponse;
  /** Of the keys, by id. */
  readonly names: ReadonlyMap<string, string>;
  /** Undefined while the first walk through it is under way. */
  readonly chain: CheckedChain | undefined;
}

/** The audit log, latest first; the filters are in the address. */
export function auditPage(admin: string, { query, audit, names, chain }: AuditView): Page {
  const more = new URLSearchParams(query);
  if (audit.next_cursor !== null) more.set('cursor', audit.next_cursor);
  return framed({
    title: 'Audit log',
    place: 'audit',
    admin,
    children: (
      <>
        <Chain state={chain} />
        <Filters query={query} />
        <Table
          label="Entries"
          caption={`${counted(audit.entries.length, 'entry', 'entries')} on this page, latest first`}
          headings={['No.', 'At (UTC)', 'What and who', 'Key', 'Details', 'From, in request']}
          rows={audit.entries.map((entry) => (
            <Entry of={entry} names={names} />
          ))}
        />
        <div class="actions">
          {audit.next_cursor !== null && <a href={`${CONSOLE_AUDIT}?${more.toString()}`}>Older entries</a>}
          <a class="button plain" href={`${CONSOLE_AUDIT}/export?${query.toString()}`}>
            Export as JSON lines
          </a>
        </div>
      </>
    ),
  });
}

export function actionWords(action: string): string {
  return (ACTION_WORDS as Readonly<Record<string, string>>)[action] ?? action;
}

export function chainWords(chain: CheckedChain | undefined): string {
  if (chain === undefined) return 'The chain of entries is being checked. Reload this page in a while.';
  const { valid, entries, broken_at_seq: brokenAt } = chain;
  return valid
    ? `All ${count(entries)} entries are there, in order and unchanged.`
    : `Entry ${count(brokenAt ?? 0)} is missing or was changed: compare the log with an export kept elsewhere.`;
}

function Chain({ state }: { state: CheckedChain | undefined }) {
  return (
    <div
      class={state?.valid === false ? 'notice bad' : 'notice'}
      role={state?.valid === false ? 'alert' : undefined}
    >
      <p>
        {chainWords(state)} {state && `Checked ${minuteOf(state.checkedAt)}. `}
        <a href={`${CONSOLE_AUDIT}?check=1`}>Check now</a>
      </p>
      {state && state.head_hash !== '' && (
        <p class="hint">
          Hash of the last entry: <code>{state.head_hash}</code>. Kept elsewhere, it shows later whether the
          whole log was replaced.
        </p>
      )}
    </div>
  );
}

function Filters({ query }: { query: URLSearchParams }) {
  const actions = AUDIT_ACTIONS.map((action) => [action, actionWords(action)] as const);
  return (
    <form class="filters" action={CONSOLE_AUDIT} role="search">
      <Choice name="action" label="What" query={query} options={[['', 'Everything'], ...actions]} />
      <Field name="actor" label="Who" example="admin:ana" query={query} />
      <Field name="key_id" label="Key id" query={query} />
      <Field name="request_id" label="Request id" query={query} />
      <DateField name="from" label="From" query={query} />
      <DateField name="to" label="To" query={query} />
      <button>Show</button>
    </form>
  );
}

function Entry({ of: entry, names }: { of: AuditEntryResource; names: AuditView['names'] }) {
  const name = names.get(entry.key_id ?? '');
  return (
    <tr>
      <td class="number">{entry.seq}</td>
      <td class="time">{entry.at.slice(0, 19).replace('T', ' ')}</td>
      <td class="time">
        {actionWords(entry.action)}
        <br />
        <bdi class="soft">{entry.actor}</bdi>
      </td>
      <td class="name">
        {entry.key_id !== null && (
          <a href={`${CONSOLE_KEYS}/${entry.key_id}`}>
            <bdi>{name ?? entry.key_id}</bdi>
          </a>
        )}
      </td>
      <td class="details">
        {Object.entries(entry.details).map(([field, value]) => {
          // The key column shows the name already, unless it has changed since.
          const words = field === 'name' && value === name ? undefined : detailWords(value);
          return (
            words !== undefined && (
              <div>
                {field}: <bdi>{words}</bdi>
              </div>
            )
          );
        })}
      </td>
      <td class="from">
        {entry.client_ip}
        <br />
        <code>{entry.request_id}</code>
      </td>
    </tr>
  );
}

/** Undefined for what was not set. */
function detailWords(value: unknown): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ');
  return JSON.stringify(value);
}
