import { IsOptional, Matches } from 'class-validator';
import { IsPlainText } from '../request-fields/field-validators.js';
import { MAX_DESCRIPTION, SERVICE_ID, SERVICE_ID_WORDS } from '../request-fields/shared-bounds.js';

/** Body of `POST /services`. */
export class RegisterServiceFields {
  @Matches(SERVICE_ID, { message: SERVICE_ID_WORDS })
  service_id!: string;

  @IsOptional()
  @IsPlainText(MAX_DESCRIPTION)
  description?: string | null;
}
