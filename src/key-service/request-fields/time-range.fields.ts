import { IsOptional } from 'class-validator';
import { IsInstant } from './field-validators.js';

/** Part of a query that asks for a time range; both ends may be left out. */
export class TimeRangeFields {
  @IsOptional()
  @IsInstant()
  from?: string;

  @IsOptional()
  @IsInstant()
  to?: string;
}
