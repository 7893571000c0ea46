import type { Grants, KeyResource } from '../../sdk/index.js';
import type { Column } from './output.js';

/** How keys look to people. */

type KeyStatus = 'active' | 'expired' | 'revoked' | 'inactive';

/** The status according to the service, because its clock decides, not the one of this machine. */
export function statusOf(key: KeyResource): KeyStatus {
  if (key.revoked_at !== null) return 'revoked';
  if (key.is_active) return 'active';
  return key.expires_at === null ? 'inactive' : 'expired';
}

export const KEY_COLUMNS: readonly Column<KeyResource>[] = [
  { heading: 'KEY ID', text: (key) => key.key_id },
  { heading: 'NAME', text: (key) => key.name },
  { heading: 'PREFIX', text: (key) => key.key_prefix },
  { heading: 'STATUS', text: (key) => statusOf(key) },
  { heading: 'ENVIRONMENT', text: (key) => key.environment },
  { heading: 'SERVICE', text: (key) => servicesText(key) },
  { heading: 'SCOPES', text: (key) => key.scopes.join(' ') },
  { heading: 'CREATED', text: (key) => minuteOf(key.created_at) },
  { heading: 'EXPIRES', text: (key) => minuteOf(key.expires_at) },
  { heading: 'LAST USED', text: (key) => minuteOf(key.last_used_at) },
];

/** Everything about one key, a line each. */
export function keyDetails(key: KeyResource): [name: string, value: string][] {
  return [
    ['Key id', key.key_id],
    ['Name', key.name],
    ['Begins with', key.key_prefix],
    ['Status', statusOf(key)],
    ['User', key.user_id ?? '-'],
    ['Service', servicesText(key)],
    ['Environment', key.environment],
    ['Scopes', key.scopes.join(', ') || 'none'],
    ['Requests an hour', String(key.rate_limit_per_hour ?? "the gateway's default")],
    ['Burst', String(key.burst ?? "the gateway's default")],
    ['Searches a minute', String(key.searches_per_minute ?? "the gateway's default")],
    ['Writes a minute', String(key.writes_per_minute ?? "the gateway's default")],
    ['Allowed addresses', key.allowed_ips?.join(', ') ?? 'any'],
    ['Grants', grantsText(key.grants)],
    ['Created', key.created_at],
    ['Expires', key.expires_at ?? 'never'],
    ['Last used', key.last_used_at ?? 'never'],
    ...given('Description', key.description),
    ...given('Created by', key.created_by),
    ...given('Took the place of', key.rotated_from_id),
    ...given('Replaced by', key.rotated_to_id),
    ...given('Revoked', key.revoked_at),
    ...given('Revoked by', key.revoked_by),
    ...given('Reason', key.revoke_reason),
  ];
}

/** An earlier service knows one service of a key. */
function servicesText({ service_id, service_ids }: Partial<KeyResource>): string {
  return service_ids?.join(', ') ?? service_id ?? '-';
}

/** An earlier service may not know the fact. */
function given(name: string, value: string | null | undefined): [string, string][] {
  return value === null || value === undefined ? [] : [[name, value]];
}

/** Each grant in the form of its option, after its kind. */
export function grantsText(grants: Grants | null): string {
  if (grants === null) return 'by scopes only';
  const entries = Object.entries(
    grants as Readonly<Record<string, readonly (string | Readonly<Record<string, string>>)[]>>,
  );
  const texts = entries.flatMap(([kind, list]) =>
    list.map(
      (one) =>
        `${kind.slice(0, -1)} ${typeof one === 'string' ? one : `${one['id'] ?? one['name']}:${one['level']}`}`,
    ),
  );
  return texts.join(', ') || 'none';
}

/** A time to the minute, in UTC, as it is read in a table: `2026-01-31 12:00`; `-` for none. */
export function minuteOf(time: string | null): string {
  return time === null ? '-' : time.slice(0, 16).replace('T', ' ');
}
