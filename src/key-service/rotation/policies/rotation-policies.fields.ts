import { IsIn, IsInt, IsOptional, IsUUID, Matches, Max, Min, ValidateIf } from 'class-validator';
import {
  DEFAULT_OVERLAP_SECONDS,
  ENVIRONMENTS,
  MAX_OVERLAP_SECONDS,
  type Environment,
} from '../../../contracts/keys/key-management.js';
import {
  FIRST_KEY_ID,
  MAX_POLICY_AGE_DAYS,
  ROTATION_DELIVERIES,
  type RotationDelivery,
} from '../../../contracts/keys/rotation-policies.js';
import { IsPlainText } from '../../request-fields/field-validators.js';
import { MAX_DESCRIPTION, SERVICE_ID, SERVICE_ID_WORDS } from '../../request-fields/shared-bounds.js';

/** What Secrets Manager takes for a name or an ARN, and the place of the first key's id. */
export const SECRET_ID = /^(?:[A-Za-z0-9/_+=.@:-]|\{first_key_id\}){1,400}$/;
const SECRET_ID_WORDS = `must be a name or ARN of a secret: letters, digits and /_+=.@:-, and ${FIRST_KEY_ID}`;

const given = (field: string) => ValidateIf((fields: Record<string, unknown>) => fields[field] !== undefined);

/** What creation and edit have in common. */
class TermFields {
  @IsOptional()
  @IsIn(ROTATION_DELIVERIES)
  delivery?: RotationDelivery | null;

  @IsOptional()
  @Matches(SECRET_ID, { message: SECRET_ID_WORDS })
  secret_id?: string | null;

  @IsOptional()
  @IsPlainText(MAX_DESCRIPTION)
  description?: string | null;
}

/** Body of `POST /rotation-policies`. */
export class CreateRotationPolicyFields extends TermFields {
  @IsOptional()
  @IsUUID('all', { message: 'must be a key id' })
  key_id?: string | null;

  @IsOptional()
  @Matches(SERVICE_ID, { message: SERVICE_ID_WORDS })
  service_id?: string | null;

  @IsOptional()
  @IsIn(ENVIRONMENTS)
  environment?: Environment | null;

  @IsInt()
  @Min(1)
  @Max(MAX_POLICY_AGE_DAYS)
  max_age_days!: number;

  @given('overlap_seconds')
  @IsInt()
  @Min(0)
  @Max(MAX_OVERLAP_SECONDS)
  overlap_seconds: number = DEFAULT_OVERLAP_SECONDS;
}

/** Body of `PATCH /rotation-policies/{policy_id}`. */
export class UpdateRotationPolicyFields extends TermFields {
  @given('max_age_days')
  @IsInt()
  @Min(1)
  @Max(MAX_POLICY_AGE_DAYS)
  max_age_days?: number;

  @given('overlap_seconds')
  @IsInt()
  @Min(0)
  @Max(MAX_OVERLAP_SECONDS)
  overlap_seconds?: number;
}
