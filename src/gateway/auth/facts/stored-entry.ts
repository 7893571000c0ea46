import { isKeyFacts, type KeyFacts } from '../../principal/key-facts.js';
import type { SharedFault } from '../shared-trust/refused-values.js';
import type { Signer } from '../shared-trust/signer.js';
import type { KeyEntry } from './key-entry.js';

/** More than facts ever need. A longer entry is neither written nor read. */
export const MAX_STORED_BYTES = 64 * 1024;

/** An entry as it is stored in Redis (docs/decisions/0009-redis-is-not-believed.md). */
export interface StoredEntry {
  readonly version: 2;
  /** JSON of a `StoredContent`: the very text that is signed. */
  readonly content: string;
  /** Over the name of the entry and its content. */
  readonly signature: string;
}

interface StoredContent {
  readonly facts: KeyFacts;
  readonly addressBound: boolean;
  /** Time of the Redis server before the call, microseconds. */
  readonly startedAtUs: number;
}

/** What is needed to check a stored entry. */
export interface StoredContext {
  /** The name that it was stored under: it is valid only under this name. */
  readonly name: string;
  /** Time of the Redis server now, microseconds. */
  readonly redisNowUs: number;
  /** Monotonic time of this process now. */
  readonly nowMs: number;
  /** Facts older than this are not used. */
  readonly lifetimeMs: number;
}

export type StoredReading = { readonly entry: KeyEntry } | { readonly fault: SharedFault };

/**
 * Undefined if it is too long, or if the time of Redis is not known, because then no other replica could tell its age.
 */
export function toStored(entry: KeyEntry, name: string, signer: Signer): StoredEntry | undefined {
  const { facts, addressBound, mark } = entry;
  if (mark.redisUs === undefined) return undefined;
  const content = JSON.stringify({
    facts,
    addressBound,
    startedAtUs: mark.redisUs,
  } satisfies StoredContent);
  const stored: StoredEntry = { version: 2, content, signature: signer.sign('facts', name, content) };
  return Buffer.byteLength(JSON.stringify(stored)) > MAX_STORED_BYTES ? undefined : stored;
}

/** @param value what was read from Redis, of any type */
export function fromStored(value: unknown, signer: Signer, context: StoredContext): StoredReading {
  if (typeof value !== 'object' || value === null) return { fault: 'malformed' };
  const { version, content, signature } = value as Partial<Record<keyof StoredEntry, unknown>>;
  if (signature === undefined) return { fault: 'unsigned' };
  if (version !== 2 || typeof content !== 'string') return { fault: 'malformed' };
  if (!signer.verifies(signature, 'facts', context.name, content)) return { fault: 'signature' };
  const read = contentOf(content);
  if (!read) return { fault: 'malformed' };
  const ageMs = (context.redisNowUs - read.startedAtUs) / 1000;
  if (ageMs < 0) return { fault: 'future' };
  if (ageMs > context.lifetimeMs) return { fault: 'old' };
  return {
    entry: {
      facts: read.facts,
      addressBound: read.addressBound,
      mark: { order: 0, redisUs: read.startedAtUs, local: false },
      startedAtMs: context.nowMs - ageMs,
    },
  };
}

function contentOf(text: string): StoredContent | undefined {
  let content: Partial<Record<keyof StoredContent, unknown>> | null;
  try {
    content = JSON.parse(text) as typeof content;
  } catch {
    return undefined;
  }
  const { facts, addressBound, startedAtUs } = content ?? {};
  return typeof addressBound === 'boolean' && Number.isSafeInteger(startedAtUs) && isKeyFacts(facts)
    ? { facts, addressBound, startedAtUs: startedAtUs as number }
    : undefined;
}
