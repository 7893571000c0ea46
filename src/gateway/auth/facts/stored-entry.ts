import type { KeyEntry } from './key-entry.js';
import type { KeyFacts } from '../../principal/key-facts.js';

/** An entry as it lies in Redis. */
export interface StoredEntry {
  readonly version: 1;
  readonly facts: KeyFacts;
  readonly addressBound: boolean;
  /** Time of the Redis server before the call, microseconds. */
  readonly startedAtUs: number;
}

/** Undefined where the time of Redis is not known: another replica could not tell how old it is. */
export function toStored(entry: KeyEntry): StoredEntry | undefined {
  const { facts, addressBound, mark } = entry;
  return mark.redisUs === undefined
    ? undefined
    : { version: 1, facts, addressBound, startedAtUs: mark.redisUs };
}

/**
 * @param value whatever lay in Redis
 * @param redisNowUs time of the Redis server now, microseconds
 * @param nowMs monotonic time of this process now
 */
export function fromStored(value: unknown, redisNowUs: number, nowMs: number): KeyEntry | undefined {
  if (!isStoredEntry(value)) return undefined;
  const ageMs = Math.max(0, redisNowUs - value.startedAtUs) / 1000;
  return {
    facts: value.facts,
    addressBound: value.addressBound,
    mark: { order: 0, redisUs: value.startedAtUs, local: false },
    startedAtMs: nowMs - ageMs,
  };
}

function isStoredEntry(value: unknown): value is StoredEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { version, facts, addressBound, startedAtUs } = value as Partial<Record<keyof StoredEntry, unknown>>;
  return (
    version === 1 && typeof addressBound === 'boolean' && Number.isSafeInteger(startedAtUs) && isFacts(facts)
  );
}

const TEXTS = ['keyId', 'userId', 'serviceId', 'environment'] as const;
const NUMBERS = ['expiresAtMs', 'ratePerHour', 'burst'] as const;
const LISTS = ['scopes', 'allowedIps'] as const;

/** A member that is missing is no null: null opens what a value would close. */
function isFacts(value: unknown): value is KeyFacts {
  if (typeof value !== 'object' || value === null) return false;
  const facts = value as Record<keyof KeyFacts, unknown>;
  return (
    TEXTS.every((name) => facts[name] === null || typeof facts[name] === 'string') &&
    NUMBERS.every((name) => facts[name] === null || typeof facts[name] === 'number') &&
    LISTS.every((name) => facts[name] === null || isTextList(facts[name]))
  );
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
