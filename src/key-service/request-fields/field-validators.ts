import { ValidateBy, type ValidationOptions } from 'class-validator';
import { parseCidr } from '../../lib/network/cidr.js';
import { grantsFault } from '../../lib/grants.js';

/**
 * Control characters, marks that turn the direction of a line around, and what decoders put in place of bytes that are
 * not UTF-8.
 */
// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
export const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd-\uffff]/;

/** A letter, digit, mark or symbol that shows: Unicode's default ignorables and the braille blank do not. */
const VISIBLE = /(?![\p{Default_Ignorable_Code_Point}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * A text of one line that any database, log and terminal takes: 1 to `maxLength` characters, one of them visible. Marks
 * that give a direction may stand in it, as in Hebrew names, and marks that turn the line around may not.
 */
export function IsPlainText(maxLength: number, options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isPlainText',
      validator: {
        validate: (value): boolean =>
          typeof value === 'string' &&
          value.length <= maxLength &&
          value.isWellFormed() &&
          VISIBLE.test(value) &&
          !UNPRINTABLE.test(value),
        defaultMessage: () =>
          `must be a string of 1 to ${maxLength} characters of valid UTF-8, one of them visible, without control characters`,
      },
    },
    options,
  );
}

/** An IPv4 or IPv6 address or CIDR block. */
export function IsAddressBlock(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isAddressBlock',
      validator: {
        validate: (value): boolean => typeof value === 'string' && parseCidr(value) !== undefined,
        defaultMessage: () => 'must hold addresses or CIDR blocks only, such as 192.0.2.7 or 10.0.0.0/8',
      },
    },
    options,
  );
}

/** What of MLflow a key may use, strictly as `Grants` has it. */
export function AreGrants(): PropertyDecorator {
  return ValidateBy({
    name: 'areGrants',
    validator: {
      validate: (value): boolean => grantsFault(value) === undefined,
      defaultMessage: (given): string => {
        const fault = grantsFault(given?.value);
        return fault?.at ? `are not whole: ${fault.at} ${fault.message}` : (fault?.message ?? '');
      },
    },
  });
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** A time with its offset (RFC 3339) that the calendar has. */
export function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value): boolean => typeof value === 'string' && parseInstant(value) !== undefined,
      defaultMessage: () => 'must be an RFC 3339 time, such as 2027-01-31T12:00:00Z',
    },
  });
}

/** One value, or a list of at most `max`: what a query has by one name. */
export function IsFew(max: number): PropertyDecorator {
  return ValidateBy({
    name: 'isFew',
    validator: {
      validate: (value): boolean => !Array.isArray(value) || value.length <= max,
      defaultMessage: () => `must have at most ${max} values`,
    },
  });
}

/** A list without duplicates. It is checked in one pass, because the sender chooses its length. */
export function IsDistinct(): PropertyDecorator {
  return ValidateBy({
    name: 'isDistinct',
    validator: {
      validate: (value): boolean => Array.isArray(value) && new Set(value).size === value.length,
      defaultMessage: () => 'must not hold anything twice',
    },
  });
}

/** Databases and texts agree on the years 1 to 9999. */
export const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Milliseconds since the Unix epoch; undefined for a string that is not an RFC 3339 time, not a day of the calendar, or
 * in UTC outside the years 1 to 9999.
 */
export function parseInstant(text: string): number | undefined {
  const parts = RFC3339.exec(text);
  if (!parts) return undefined;
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number];
  // Date.parse takes the 30th of February for the 2nd of March.
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate())
    return undefined;
  const time = Date.parse(text.toUpperCase().replace(' ', 'T'));
  return time >= FIRST_MS && time <= LAST_MS ? time : undefined;
}

/** A time that `IsInstant` took, as databases and logs have it: RFC 3339 in UTC with milliseconds. */
export function utc<T extends string | undefined>(text: T): T {
  return (text === undefined ? undefined : new Date(parseInstant(text) as number).toISOString()) as T;
}
