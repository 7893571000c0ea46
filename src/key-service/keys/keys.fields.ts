import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsUUID,
  Matches,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import type { Grants } from '../../contracts/access/grants.js';
import { SCOPES } from '../../contracts/access/scopes.js';
import {
  DEFAULT_OVERLAP_SECONDS,
  ENVIRONMENTS,
  MAX_KEY_SERVICES,
  MAX_OVERLAP_SECONDS,
  MAX_REVOKED_KEYS,
  type Environment,
} from '../../contracts/keys/key-management.js';
import {
  AreGrants,
  IsAddressBlock,
  IsDistinct,
  IsInstant,
  IsPlainText,
} from '../request-fields/field-validators.js';
import {
  MAX_ADDRESSES,
  MAX_DESCRIPTION,
  MAX_EXPIRY_DAYS,
  MAX_LIMIT,
  MAX_NAME,
  MAX_USER_ID,
  SERVICE_ID,
  SERVICE_ID_WORDS,
} from './key-bounds.js';

const SCOPE_WORDS = 'each must be a scope, such as mlflow:access, mlflow:read or experiment:write';

const given = (field: string) => ValidateIf((fields: Record<string, unknown>) => fields[field] !== undefined);

/** What creation and edit have in common. Null is refused at creation, and means the default in an edit. */
class LimitFields {
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  rate_limit_per_hour?: number | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  burst?: number | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  searches_per_minute?: number | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  writes_per_minute?: number | null;

  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_ADDRESSES)
  @IsDistinct()
  @IsAddressBlock({ each: true })
  allowed_ips?: string[] | null;

  @IsOptional()
  @AreGrants()
  grants?: Grants | null;

  @given('service_ids')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_KEY_SERVICES)
  @IsDistinct()
  @Matches(SERVICE_ID, { each: true, message: `each ${SERVICE_ID_WORDS}` })
  service_ids?: string[];

  @IsOptional()
  @IsPlainText(MAX_DESCRIPTION)
  description?: string | null;

  @IsOptional()
  @IsPlainText(MAX_USER_ID)
  user_id?: string | null;
}

/** Body of `POST /keys`. Null counts as absent. */
export class CreateKeyFields extends LimitFields {
  @IsPlainText(MAX_NAME)
  name!: string;

  @ValidateIf(({ service_id, service_ids }: CreateKeyFields) => service_id !== undefined || !service_ids)
  @Matches(SERVICE_ID, { message: SERVICE_ID_WORDS })
  service_id?: string;

  @IsOptional()
  @IsIn(ENVIRONMENTS)
  environment?: Environment | null;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(SCOPES.length)
  @IsDistinct()
  @IsIn(SCOPES, { each: true, message: SCOPE_WORDS })
  scopes?: string[] | null;

  @IsOptional()
  @IsInstant()
  expires_at?: string | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_EXPIRY_DAYS)
  expires_in_days?: number | null;
}

/** Body of `PATCH /keys/{id}`. */
export class UpdateKeyFields extends LimitFields {
  @given('name')
  @IsPlainText(MAX_NAME)
  name?: string;

  @given('scopes')
  @IsArray()
  @ArrayMaxSize(SCOPES.length)
  @IsDistinct()
  @IsIn(SCOPES, { each: true, message: SCOPE_WORDS })
  scopes?: string[];

  @given('expires_at')
  @IsInstant()
  expires_at?: string;
}

/** Body of `POST /keys/revoke`. */
export class RevokeKeysFields {
  @given('key_ids')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_REVOKED_KEYS)
  @IsUUID('all', { each: true, message: 'each must be a key id' })
  key_ids?: string[];

  @given('user_id')
  @IsPlainText(MAX_USER_ID)
  user_id?: string;

  @IsOptional()
  @IsPlainText(MAX_DESCRIPTION)
  reason?: string | null;
}

/** Query of `DELETE /keys/{id}`. */
export class RevokeKeyFields {
  @IsOptional()
  @IsPlainText(MAX_DESCRIPTION)
  reason?: string;
}

/** Body of `POST /keys/{id}/rotate`. */
export class RotateKeyFields {
  @given('overlap_seconds')
  @IsInt()
  @Min(0)
  @Max(MAX_OVERLAP_SECONDS)
  overlap_seconds: number = DEFAULT_OVERLAP_SECONDS;
}
