import {
  KEY_FACTS,
  type FactShapes,
  type KeyFactName,
  type StatedKeyFacts,
} from '../../contracts/keys/key-facts.js';
import { DETAIL_API_KEY_REQUIRED } from '../../contracts/keys/key-validation.js';
import { parseCidr } from '../network/cidr.js';
import { readGrants } from '../grants.js';
import { isObject } from '../json/json-object.js';
import { repeatedMember } from '../json/repeated-member.js';

/** The content of a 200 answer to `POST /api/v1/keys/validate`. */
export type ValidationAnswer =
  | {
      readonly kind: 'valid';
      readonly facts: StatedKeyFacts;
      /** There is no `allowed_ips` member: the service may have checked the address itself. */
      readonly addressBound: boolean;
    }
  | { readonly kind: 'refused' }
  | UnreadableAnswer;

export interface UnreadableAnswer {
  readonly kind: 'unreadable';
  /** What is wrong with the answer, to follow "the answer …"; it holds nothing of the answer but a member's name. */
  readonly what: string;
  /**
   * The member at fault, if the verdict itself is readable: the service is up, and its answer is wrong for this key
   * alone.
   */
  readonly member?: string;
}

const LONGEST_TEXT = 256;
const LONGEST_LIST = 1024;

/**
 * Reads this answer for gateway, SDK and CLI. It is strict: a verdict that is not exactly true or false is unreadable,
 * and so is a "valid" with an unreadable fact, because a missing fact would mean "no restriction".
 */
export function readValidationAnswer(text: string): ValidationAnswer {
  const answer = parseObject(text);
  if (typeof answer === 'string') return { kind: 'unreadable', what: answer };
  const flags = [answer['valid'], answer['is_valid']].filter((flag) => flag !== undefined);
  if (flags.length === 0 || flags.some((flag) => typeof flag !== 'boolean'))
    return { kind: 'unreadable', what: 'has no boolean "valid"' };
  // If a member is there twice, parsers differ in which one they use.
  const repeated = repeatedMember(text);
  if (repeated !== undefined) return odd(repeated, 'is there twice');
  if (flags.includes(false)) return { kind: 'refused' };
  return readFacts(answer);
}

/**
 * Whether the body of a 401 says that the request held no key: the service looks for it where the other contract has
 * it.
 */
export function saysKeyRequired(text: string): boolean {
  return stringMember(text, 'detail') === DETAIL_API_KEY_REQUIRED;
}

/** A string in the body of a refusal or a fault, trimmed; undefined where it has none. */
export function stringMember(text: string, name: 'detail' | 'error_code'): string | undefined {
  const body = parseObject(text);
  const value = typeof body === 'string' ? undefined : body[name];
  return typeof value === 'string' ? value.trim() : undefined;
}

/** Unix milliseconds of a time as `FactShapes` describes it; undefined if it is not one. */
export function factTimeMs(text: string): number | undefined {
  const parts = TIME.exec(text);
  const timeMs = parts ? Date.parse(`${parts[1]}T${parts[2]}${(parts[3] ?? 'Z').toUpperCase()}`) : NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

const TIME = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)([Zz]|[+-]\d\d:\d\d)?$/;

type Members = Readonly<Record<string, unknown>>;

/** @returns what is wrong, if the body is not a JSON object */
function parseObject(text: string): Members | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  return isObject(value) ? value : 'is not an object';
}

function readFacts(answer: Members): ValidationAnswer {
  const facts: Partial<Record<KeyFactName, unknown>> = {};
  for (const [name, kind] of Object.entries(KEY_FACTS) as [KeyFactName, keyof FactShapes][]) {
    const value = answer[name] ?? null;
    const { read, expected } = KINDS[kind];
    const fact = value === null ? null : read(value);
    if (fact === undefined) return odd(name, `is not ${expected}`);
    facts[name] = fact;
  }
  return {
    kind: 'valid',
    facts: facts as StatedKeyFacts,
    addressBound: answer['allowed_ips'] === undefined,
  };
}

function odd(member: string, how: string): UnreadableAnswer {
  return { kind: 'unreadable', what: `has a "${member}" that ${how}`, member };
}

interface Kind<Shape> {
  /** For messages: what a value must be. */
  readonly expected: string;
  /** Undefined if the value is something else. */
  read(this: void, value: unknown): Shape | undefined;
}

const KINDS: { readonly [Name in keyof FactShapes]: Kind<FactShapes[Name]> } = {
  id: {
    expected: 'a string or an integer',
    // A larger number may have lost its last digits, and could be the id of somebody else.
    read: (value) => (Number.isSafeInteger(value) ? String(value) : readText(value)),
  },
  text: { expected: 'a string', read: readText },
  texts: { expected: 'a list of strings', read: (value) => readList(value, () => true) },
  time: {
    expected: 'a time of RFC 3339',
    read: (value) => (typeof value === 'string' && factTimeMs(value) !== undefined ? value : undefined),
  },
  addresses: {
    expected: 'a list of addresses and CIDR blocks',
    read: (value) => readList(value, (entry) => parseCidr(entry) !== undefined),
  },
  limit: {
    expected: 'a positive integer',
    read: (value) => (Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined),
  },
  grants: { expected: 'grants as the gateway knows them', read: readGrants },
};

/** Half of a surrogate pair could not be percent-encoded for MLflow. */
const HALF_PAIR = /\p{Surrogate}/u;

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= LONGEST_TEXT && !HALF_PAIR.test(value)
    ? value
    : undefined;
}

function readList(value: unknown, check: (entry: string) => boolean): string[] | undefined {
  if (!Array.isArray(value) || value.length > LONGEST_LIST) return undefined;
  const fits = (entry: unknown): boolean =>
    typeof entry === 'string' && entry.length <= LONGEST_TEXT && check(entry);
  return (value as unknown[]).every(fits) ? (value as string[]) : undefined;
}
