import type { KeyResource } from '../../contracts/key-management.js';
import type { UsageSeriesResponse } from '../../contracts/usage-series.js';
import type { Page } from '../../platform/browser/page-response.js';
import { CONSOLE_KEYS, CONSOLE_REVOKE } from './console-paths.js';
import { framed } from './frame.js';
import { statusOf } from './key-words.js';
import { minuteOf } from './moment.js';
import { grantWords, scopeWords } from './plain-words.js';

export interface KeyView {
  readonly key: KeyResource;
  readonly usage: UsageSeriesResponse;
  readonly now: string;
  readonly before?: KeyBefore;
}

/** The key before this one, while it is still valid. */
export interface KeyBefore {
  readonly id: string;
  readonly name: string;
  readonly endsAt: string | null;
  readonly usedFrom: string | null;
}

/** Everything about one key. */
export function keyPage(admin: string, { key, usage, now, before }: KeyView): Page {
  const path = `${CONSOLE_KEYS}/${key.key_id}`;
  return framed({
    title: key.name,
    place: 'keys',
    admin,
    children: (
      <>
        {key.is_active && (
          <div class="actions">
            {key.rotated_to_id === null && (
              <a class="button plain" href={`${path}/rotate`}>
                Rotate…
              </a>
            )}
            <a class="button danger" href={`${CONSOLE_REVOKE}?id=${key.key_id}`}>
              Revoke…
            </a>
          </div>
        )}
        {before && (
          <p class="notice warn">
            Takes the place of <a href={`${CONSOLE_KEYS}/${before.id}`}>{before.name}</a>, which ends{' '}
            {before.endsAt === null ? 'never' : minuteOf(before.endsAt)}.{' '}
            {before.usedFrom === null
              ? 'That one was not used.'
              : `That one was last used by ${before.usedFrom}.`}
          </p>
        )}
        <Facts of={key} now={now} />
        <h2>What it may do</h2>
        <ul>
          {key.scopes.map((scope) => (
            <li>
              <code>{scope}</code> {scopeWords(scope)}
            </li>
          ))}
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
        <Usage of={usage} />
      </>
    ),
  });
}

function Facts({ of: key, now }: { of: KeyResource; now: string }) {
  const facts: [string, string][] = [
    ['Status', statusOf(key, now).words],
    ['Begins with', `${key.key_prefix}…`],
    ['Description', key.description ?? '–'],
    ['Owner', key.user_id ?? '–'],
    ['Service', key.service_id],
    ['Environment', key.environment],
    ['Created', `${minuteOf(key.created_at)}${key.created_by === null ? '' : ` by ${key.created_by}`}`],
    ['Ends', key.expires_at === null ? 'never' : minuteOf(key.expires_at)],
    ['Used', key.last_used_at === null ? 'never' : minuteOf(key.last_used_at)],
    ['Addresses', key.allowed_ips?.join(', ') ?? 'any'],
    ...(key.revoked_at === null
      ? []
      : [['Revoked', `${minuteOf(key.revoked_at)} ${key.revoke_reason ?? ''}`] as [string, string]]),
  ];
  return (
    <dl>
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </>
      ))}
    </dl>
  );
}

const STATUS_WORDS: Readonly<Record<string, string>> = {
  answered: 'Answered',
  client_error: 'Refused or not found (4xx)',
  limited: 'Over a limit (429)',
  server_error: 'Failed (5xx)',
};

/** Requests of each hour as stacked bars, and the same numbers as a table. */
function Usage({ of: usage }: { of: UsageSeriesResponse }) {
  const length = usage.series[0]?.points.length ?? 0;
  const heights = Array.from({ length }, (_, index) =>
    usage.series.reduce((sum, one) => sum + (one.points[index] ?? 0), 0),
  );
  const highest = Math.max(1, ...heights);
  const bars = heights.flatMap((_, index) => {
    let below = 0;
    return usage.series.map(({ group, points }) => {
      const height = ((points[index] ?? 0) / highest) * 100;
      below += height;
      return <rect class={group ?? ''} x={index * 10 + 1} y={100 - below} width={8} height={height} />;
    });
  });
  return (
    <>
      <h2>Requests of the last 24 hours</h2>
      <svg class="chart" viewBox={`0 0 ${length * 10} 100`} preserveAspectRatio="none" aria-hidden="true">
        {bars}
      </svg>
      <table>
        <caption>
          {usage.totals.requests} requests; the busiest hour had {Math.max(0, ...heights)}
        </caption>
        <tbody>
          {usage.series.map(({ group, requests }) => (
            <tr>
              <th scope="row">{STATUS_WORDS[group ?? '']}</th>
              <td>{requests}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
