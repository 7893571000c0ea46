import { IsIn, IsOptional, IsUUID, Matches } from 'class-validator';
import { IsInstant } from '../request-fields/field-validators.js';
import { AUDIT_ACTIONS, type AuditAction } from './audit-writer.js';

export const DEFAULT_AUDIT_PAGE = 50;

/** Query of `GET /audit`. */
export class ListAuditFields {
  @IsOptional()
  @IsUUID('all', { message: 'must be a key id' })
  key_id?: string;

  @IsOptional()
  @IsIn(AUDIT_ACTIONS)
  action?: AuditAction;

  @IsOptional()
  @IsInstant()
  from?: string;

  @IsOptional()
  @IsInstant()
  to?: string;

  @IsOptional()
  @Matches(/^(?:[1-9]\d?|1\d\d|200)$/, { message: 'must be a whole number from 1 to 200' })
  limit?: string;

  @IsOptional()
  @Matches(/^[1-9]\d{0,14}$/, { message: 'must be a next_cursor of an earlier answer' })
  cursor?: string;
}
