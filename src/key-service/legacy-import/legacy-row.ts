import { createHash } from 'node:crypto';
import { DEFAULT_SCOPES } from '../../contracts/access/scopes.js';
import type { Environment } from '../../contracts/keys/key-management.js';
import { parseCidr } from '../../lib/network/cidr.js';
import { environmentOfPrefix } from '../../lib/keys/key-pattern.js';
import { isUuid } from '../../lib/uuid.js';
import { MAX_PREFIX_LENGTH, MIN_PREFIX_LENGTH } from '../hashing/slow-key-lookup.js';
import { MAX_NAME, MAX_USER_ID, SERVICE_ID } from '../keys/key-bounds.js';
import type { KeyRecord } from '../records/key-record.js';

/** A row of the old `api_keys` table, from either engine; columns may be missing. */
export type LegacyRow = Readonly<Record<string, unknown>>;

/** Why a row was left out. */
export type LegacyRefusal =
  | 'inactive'
  | 'expired'
  | 'hash-not-bcrypt'
  | 'hash-cost-too-high'
  | 'hash-of-another-key'
  | 'prefix-unusable'
  | 'prefix-shared-by-too-many'
  | 'allowed-ips-invalid'
  | 'service-id-invalid'
  | 'id-missing'
  | 'time-invalid';

/** A key to import, with its bcrypt hash. */
export interface LegacyKey {
  record: KeyRecord;
  hash: string;
}

export interface LegacyDefaults {
  serviceId: string;
  /** Leave the old limits out: the old system stored 1000 an hour for everyone and never enforced it. */
  withoutRateLimits: boolean;
}

const BCRYPT = /^\$2([aby])\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** Each step doubles the work; 15 is a second and more for one comparison. */
const MAX_COST = 14;

/**
 * An old row as a key of this service.
 *
 * @param now RFC 3339 in UTC with milliseconds
 */
export function readLegacyRow(
  row: LegacyRow,
  defaults: LegacyDefaults,
  now: string,
): LegacyKey | LegacyRefusal {
  const oldId = legacyId(row);
  if (oldId === '') return 'id-missing';
  if (!isActive(row['is_active'])) return 'inactive';
  const times = readTimes(row, now);
  if (!times) return 'time-invalid';
  if (times.expiresAt !== null && times.expiresAt <= now) return 'expired';
  const hash = readHash(row['key_hash']);
  if (!hash.startsWith('$')) return hash as LegacyRefusal;
  const prefix = readPrefix(row['key_prefix']);
  if (prefix === undefined) return 'prefix-unusable';
  const allowedIps = readAddresses(row['allowed_ips']);
  if (allowedIps === undefined) return 'allowed-ips-invalid';
  const serviceId = row['service_id'] ?? defaults.serviceId;
  if (typeof serviceId !== 'string' || !SERVICE_ID.test(serviceId)) return 'service-id-invalid';
  const record: KeyRecord = {
    id: newId(oldId),
    prefix,
    allowedIps,
    ...times,
    serviceId,
    serviceIds: [serviceId],
    ...describe(row, prefix, defaults),
    burst: null,
    searchesPerMinute: null,
    writesPerMinute: null,
    grants: null,
    revokedAt: null,
    active: true,
    rotatedToId: null,
    rotatedFromId: null,
    description: null,
    createdBy: 'import',
    revokedBy: null,
    revokeReason: null,
  };
  return { record, hash };
}

function describe(
  row: LegacyRow,
  prefix: string,
  defaults: LegacyDefaults,
): Pick<KeyRecord, 'name' | 'userId' | 'environment' | 'scopes' | 'ratePerHour'> {
  const userId = row['user_id'] ?? null;
  const limit = Number(row['rate_limit_per_hour']);
  return {
    name: readName(row['name']),
    userId: userId === null ? null : plain(userId, MAX_USER_ID),
    environment: readEnvironment(row['environment'], prefix),
    scopes: [...DEFAULT_SCOPES],
    ratePerHour: !defaults.withoutRateLimits && Number.isSafeInteger(limit) && limit > 0 ? limit : null,
  };
}

/** The row's id in the old table; empty where it has none. */
export function legacyId(row: LegacyRow): string {
  const id = row['key_id'] ?? row['id'];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : '';
}

/** UUIDs stay; any other id becomes one that is the same at every run. */
export function newId(oldId: string): string {
  const lower = oldId.toLowerCase();
  if (isUuid(lower)) return lower;
  const hex = createHash('sha256').update(`legacy-key:${oldId}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The hash as bcrypt reads it, or the reason why not. PHP's `$2y$` is the same algorithm under another name. */
function readHash(value: unknown): string {
  const parts = typeof value === 'string' ? BCRYPT.exec(value) : null;
  if (!parts) return 'hash-not-bcrypt' satisfies LegacyRefusal;
  if (Number(parts[2]) > MAX_COST) return 'hash-cost-too-high' satisfies LegacyRefusal;
  return (value as string).replace(/^\$2y/, '$2b');
}

/**
 * Active unless the row says otherwise. A value that is neither yes nor no counts as inactive, so that a revoked key
 * stays revoked.
 */
function isActive(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'string' ? /^(?:true|t|1)$/i.test(value) : value === true || value === 1;
}

/** Some tables keep the prefix with dots or stars after it, for display. */
function readPrefix(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const prefix = value
    .trim()
    .replace(/[.…*]+$/, '')
    .slice(0, MAX_PREFIX_LENGTH);
  return prefix.length >= MIN_PREFIX_LENGTH && /^[\x21-\x7e]+$/.test(prefix) ? prefix : undefined;
}

/** The old system took an empty list for no restriction. */
function readAddresses(value: unknown): string[] | null | undefined {
  if (value === null || value === undefined || value === '') return null;
  let list: unknown = value;
  try {
    if (typeof value === 'string') list = JSON.parse(value);
  } catch {
    return undefined;
  }
  if (list === null) return null;
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'string' && parseCidr(entry)))
    return undefined;
  return list.length === 0 ? null : (list as string[]);
}

function readTimes(
  row: LegacyRow,
  now: string,
): Pick<KeyRecord, 'createdAt' | 'expiresAt' | 'lastUsedAt'> | undefined {
  const [createdAt, expiresAt, lastUsedAt] = ['created_at', 'expires_at', 'last_used_at'].map((name) =>
    readTime(row[name]),
  );
  if (createdAt === undefined || expiresAt === undefined || lastUsedAt === undefined) return undefined;
  return { createdAt: createdAt ?? now, expiresAt, lastUsedAt };
}

/** The old system wrote UTC without saying so. Undefined for what is not a time. */
function readTime(value: unknown): string | null | undefined {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value !== 'string') return undefined;
  const text = value
    .trim()
    .replace(' ', 'T')
    // PostgreSQL leaves out the minutes of an offset that has none.
    .replace(/(?<=T.*[+-]\d\d)$/, ':00');
  const time = new Date(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text.slice(10)) ? text : `${text}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

function readEnvironment(value: unknown, prefix: string): Environment {
  if (value === 'production' || value === 'staging' || value === 'development') return value;
  if (value === 'test') return 'staging';
  return environmentOfPrefix(prefix) ?? 'production';
}

function readName(value: unknown): string {
  const name = typeof value === 'string' ? plain(value, MAX_NAME).trim() : '';
  return name === '' ? 'imported key' : name;
}

function plain(value: unknown, maxLength: number): string {
  return String(value)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, maxLength);
}
