import { IsIn, IsOptional, Matches, ValidateBy } from 'class-validator';
import {
  ENVIRONMENTS,
  KEY_SORTS,
  KEY_STATUSES,
  type Environment,
  type KeySort,
  type KeyStatus,
} from '../../../contracts/keys/key-management.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../lib/durations.js';
import { hasKeyFormat } from '../../../lib/keys/key-pattern.js';
import { IsFew, IsInstant, IsPlainText } from '../../request-fields/field-validators.js';
import { MAX_USER_ID, SERVICE_ID, SERVICE_ID_WORDS } from '../key-bounds.js';
import type { SortOrder } from './key-cursor.js';

export const DEFAULT_PAGE = 50;
/** Characters of a search. */
export const MAX_SEARCH = 200;
/** Values of one filter. */
export const MAX_VALUES = 20;

type OneOrMany<T> = T | T[];

/** A key that is typed into a search would stay in the history of a shell or a browser. */
const IsNoKey = (): PropertyDecorator =>
  ValidateBy({
    name: 'isNoKey',
    validator: {
      validate: (value): boolean => typeof value !== 'string' || !hasKeyFormat(value),
      defaultMessage: () => 'must not be a whole API key; its first 12 characters find it',
    },
  });

/** Query of `GET /keys`. A filter with several values, by its name several times, takes any of them. */
export class ListKeysFields {
  /** Part of a name, prefix, user id or description, or a key id. */
  @IsOptional()
  @IsPlainText(MAX_SEARCH)
  @IsNoKey()
  q?: string;

  @IsOptional()
  @IsFew(MAX_VALUES)
  @Matches(SERVICE_ID, { each: true, message: SERVICE_ID_WORDS })
  service_id?: OneOrMany<string>;

  @IsOptional()
  @IsFew(MAX_VALUES)
  @IsPlainText(MAX_USER_ID, { each: true })
  user_id?: OneOrMany<string>;

  @IsOptional()
  @IsFew(MAX_VALUES)
  @IsIn(ENVIRONMENTS, { each: true })
  environment?: OneOrMany<Environment>;

  @IsOptional()
  @IsFew(MAX_VALUES)
  @IsIn(KEY_STATUSES, { each: true })
  status?: OneOrMany<KeyStatus>;

  @IsOptional()
  @IsPlainText(64)
  key_prefix?: string;

  @IsOptional()
  @IsIn(['true', 'false'])
  is_active?: 'true' | 'false';

  @IsOptional()
  @IsInstant()
  expires_before?: string;

  /** Of active keys. */
  @IsOptional()
  @Matches(/^[1-9]\d{0,4}[mhd]$/, { message: 'must be a time such as 14d, 36h or 90m' })
  expires_within?: string;

  /** Not used since, and made before. */
  @IsOptional()
  @IsInstant()
  unused_since?: string;

  @IsOptional()
  @IsIn(KEY_SORTS)
  sort?: KeySort;

  @IsOptional()
  @IsIn(['asc', 'desc'])
  order?: SortOrder;

  @IsOptional()
  @Matches(/^(?:[1-9]\d?|1\d\d|200)$/, { message: 'must be a whole number from 1 to 200' })
  limit?: string;

  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{1,2000}$/, { message: 'must be a next_cursor of an earlier answer' })
  cursor?: string;
}

const UNIT_MS = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS } as const;

/** Milliseconds of a time such as `14d`. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS];
}
