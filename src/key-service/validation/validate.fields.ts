import { IsIP, IsOptional, IsString, MaxLength } from 'class-validator';

/** Body of `POST /keys/validate`, under either contract. Null counts as absent, unknown fields are ignored. */
export class ValidateKeyFields {
  @IsOptional()
  @IsString()
  api_key?: string | null;

  /** Absent where the caller checks the service itself by the answer. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  service_id?: string | null;

  @IsOptional()
  @IsIP()
  client_ip?: string | null;
}
