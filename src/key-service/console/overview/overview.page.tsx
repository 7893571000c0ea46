import type { ComponentChildren } from 'preact';
import type { AuditEntryResource } from '../../../contracts/admin/audit.js';
import type { KeyFacetsResponse } from '../../../contracts/keys/key-management.js';
import type { UsageSeriesResponse } from '../../../contracts/usage/usage-series.js';
import type { Page } from '../../../platform/browser/page-response.js';
import type { CheckedChain } from '../../audit/audit-watch.js';
import type { Attention } from './attention.js';
import { actionWords, chainWords } from '../audit/audit.page.js';
import {
  CONSOLE_AUDIT,
  CONSOLE_KEYS,
  CONSOLE_REFUSALS,
  CONSOLE_ROTATION,
  CONSOLE_SYSTEM,
  CONSOLE_USAGE,
} from '../frame/console-paths.js';
import { framed } from '../frame/frame.js';
import { Moment, spokenTime } from '../parts/moment.js';
import { count, counted } from '../parts/numbers.js';
import { Table } from '../parts/table.js';
import { SeriesView } from '../usage/usage.page.js';

const UNUSED = `${CONSOLE_KEYS}?status=active&unused_for=30d`;

export interface OverviewView {
  readonly facets: KeyFacetsResponse;
  readonly usage: UsageSeriesResponse;
  readonly attention: Attention;
  readonly chain: CheckedChain | undefined;
  readonly changes: readonly AuditEntryResource[];
  /** Of their keys, by id. */
  readonly names: ReadonlyMap<string, string>;
  readonly now: string;
}

/** Figures, and what needs attention, on one page. */
export function overviewPage(admin: string, view: OverviewView): Page {
  return framed({
    title: 'Overview',
    place: 'overview',
    admin,
    children: (
      <>
        <Tiles of={view} />
        <h2>Needs attention</h2>
        <NeedsAttention of={view} />
        <h2>Requests of the last 24 hours</h2>
        <SeriesView usage={view.usage} />
        <h2>Latest changes</h2>
        <Changes of={view} />
      </>
    ),
  });
}

function Tiles({ of: { facets, usage } }: { of: OverviewView }) {
  const { requests, limited, server_error: failed } = usage.totals;
  return (
    <ul class="tiles">
      <Tile value={facets.by_status.active} words="active keys" href={`${CONSOLE_KEYS}?status=active`} />
      <Tile
        value={facets.expire_within_14_days}
        words="end within 14 days"
        href={`${CONSOLE_KEYS}?expires_within=14d&sort=expires_at`}
      />
      <Tile value={facets.unused_for_30_days} words="not used for 30 days" href={UNUSED} />
      <Tile value={requests} words="requests in 24 hours" href={CONSOLE_USAGE} />
      <Tile
        value={limited}
        words="over a limit (429)"
        href={`${CONSOLE_USAGE}?group_by=key&status=limited`}
      />
      <Tile
        value={failed}
        words="failed (5xx)"
        href={`${CONSOLE_USAGE}?group_by=endpoint&status=server_error`}
      />
    </ul>
  );
}

function Tile({ value, words, href }: { value: number; words: string; href: string }) {
  return (
    <li>
      <a href={href}>
        <strong>{count(value)}</strong> {words}
      </a>
    </li>
  );
}

/** The worst first. */
function NeedsAttention({ of }: { of: OverviewView }) {
  const { attention, chain, facets, now } = of;
  const items: Item[] = [
    ...(chain?.valid === false ? [item('bad', <a href={CONSOLE_AUDIT}>{chainWords(chain)}</a>)] : []),
    ...attention.behind.map(({ gateway, pending, oldest_at: oldest }) =>
      item(
        'bad',
        <>
          <a href={CONSOLE_SYSTEM}>{gateway}</a>{' '}
          {`has not heard of ${counted(pending, 'change')}, the oldest ${spokenTime(oldest ?? now, now)}.`}
        </>,
      ),
    ),
    ...(attention.undelivered > 0
      ? [
          item(
            'bad',
            <>
              <a href={CONSOLE_ROTATION}>{counted(attention.undelivered, 'new key')}</a> could not be handed
              over yet: the old {attention.undelivered === 1 ? 'one goes' : 'ones go'} on.
            </>,
          ),
        ]
      : []),
    ...(attention.refusals
      ? [
          item(
            'warn',
            <>
              <a href={CONSOLE_REFUSALS}>{counted(attention.refusals.last, 'refusal')}</a>{' '}
              {`of keys in 24 hours, ${count(attention.refusals.before)} in the 24 hours before.`}
            </>,
          ),
        ]
      : []),
    ...keyItems(attention, now),
    ...(facets.unused_for_30_days > 0
      ? [
          item(
            'soft',
            <>
              <a href={UNUSED}>{counted(facets.unused_for_30_days, 'active key')}</a>{' '}
              {facets.unused_for_30_days === 1 ? 'was' : 'were'} not used for 30 days: revoke what nobody
              misses.
            </>,
          ),
        ]
      : []),
  ];
  if (items.length === 0) return <p>Nothing. {chain?.valid && chainWords(chain)}</p>;
  return (
    <ul class="attention">
      {items.map(({ tone, words }) => (
        <li class={tone}>
          <span>{words}</span>
        </li>
      ))}
    </ul>
  );
}

interface Item {
  readonly tone: 'bad' | 'warn' | 'soft';
  readonly words: ComponentChildren;
}

function item(tone: Item['tone'], words: ComponentChildren): Item {
  return { tone, words };
}

function keyItems({ expiring, rotated, limited }: Attention, now: string): Item[] {
  return [
    ...expiring.map((key) =>
      item(
        'warn',
        <>
          <KeyLink id={key.key_id} name={key.name} /> ends {spokenTime(key.expires_at ?? now, now)}
          {key.user_id !== null && (
            <>
              {' '}
              (owner <bdi>{key.user_id}</bdi>)
            </>
          )}
          : rotate it, or tell its owner.
        </>,
      ),
    ),
    ...rotated.map(({ key, usedFrom }) =>
      item(
        'warn',
        <>
          <KeyLink id={key.key_id} name={key.name} /> was rotated and is still used
          {usedFrom === null ? '' : ` by ${usedFrom}`}, last {spokenTime(key.last_used_at ?? now, now)}. It
          ends {key.expires_at === null ? 'never' : spokenTime(key.expires_at, now)}.
        </>,
      ),
    ),
    ...limited.map(({ group, name, requests }) =>
      item(
        'warn',
        <>
          <KeyLink id={group ?? ''} name={name ?? group ?? ''} />{' '}
          {`was over a limit ${counted(requests, 'time')} in 24 hours.`}
        </>,
      ),
    ),
  ];
}

function KeyLink({ id, name }: { id: string; name: string }) {
  return (
    <a href={`${CONSOLE_KEYS}/${id}`}>
      <bdi>{name}</bdi>
    </a>
  );
}

function Changes({ of: { changes, names, now } }: { of: OverviewView }) {
  return (
    <>
      <Table
        label="Latest changes"
        headings={['When', 'What', 'Who', 'Key']}
        rows={changes.map(({ at, action, actor, key_id: id }) => (
          <tr>
            <td class="time">
              <Moment at={at} now={now} />
            </td>
            <td class="time">{actionWords(action)}</td>
            <td class="time">
              <bdi>{actor}</bdi>
            </td>
            <td>{id !== null && <KeyLink id={id} name={names.get(id) ?? id} />}</td>
          </tr>
        ))}
        none="None yet."
      />
      <p>
        <a href={CONSOLE_AUDIT}>The whole audit log</a>
      </p>
    </>
  );
}
