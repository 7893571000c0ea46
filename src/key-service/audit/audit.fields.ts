import { IsIn, IsOptional, IsUUID, Matches } from 'class-validator';
import { IsFew, IsPlainText } from '../request-fields/field-validators.js';
import { TimeRangeFields } from '../request-fields/time-range.fields.js';
import { AUDIT_ACTIONS, type AuditAction } from './audit-writer.js';

export const DEFAULT_AUDIT_PAGE = 50;
/** Characters. */
export const MAX_ACTOR = 100;
export const MAX_REQUEST_ID = 128;

/** Query of `GET /audit/export`. An action by its name several times takes any of them. */
export class AuditFilterFields extends TimeRangeFields {
  @IsOptional()
  @IsUUID('all', { message: 'must be a key id' })
  key_id?: string;

  @IsOptional()
  @IsFew(AUDIT_ACTIONS.length)
  @IsIn(AUDIT_ACTIONS, { each: true })
  action?: AuditAction | AuditAction[];

  @IsOptional()
  @IsPlainText(MAX_ACTOR)
  actor?: string;

  @IsOptional()
  @IsPlainText(MAX_REQUEST_ID)
  request_id?: string;
}

/** Query of `GET /audit`. */
export class ListAuditFields extends AuditFilterFields {
  @IsOptional()
  @Matches(/^(?:[1-9]\d?|1\d\d|200)$/, { message: 'must be a whole number from 1 to 200' })
  limit?: string;

  @IsOptional()
  @Matches(/^[1-9]\d{0,14}$/, { message: 'must be a next_cursor of an earlier answer' })
  cursor?: string;
}
