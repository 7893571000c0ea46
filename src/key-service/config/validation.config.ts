import { IsInt, Max, Min } from 'class-validator';
import { parseCidr } from '../../lib/network/cidr.js';
import { Env } from '../../platform/config/env.js';

/** How keys are validated, and for whom without a limit. */
export class ValidationConfig {
  @Env('ENFORCE_CLIENT_IP', {
    kind: 'boolean',
    about:
      'Answer 403 for a key used from an address outside its allowed_ips, instead of leaving that to the caller',
  })
  enforceClientIp = false;

  @Env('TRUSTED_VALIDATORS', {
    kind: 'list',
    about:
      'Addresses and CIDR blocks of gateways, separated by commas, whose refused validations are not limited',
  })
  trustedValidators: string[] = [];

  @Env('RATE_LIMIT_FAILED_AUTH_PER_MINUTE', {
    kind: 'integer',
    unit: 'requests',
    about:
      'Refused and missing keys a minute for one client address, IPv6 by /64, in a sliding window; above it that address gets 429',
  })
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  failedAuthPerMinute = 60;

  check(): string[] {
    return this.trustedValidators.every((entry) => parseCidr(entry) !== undefined)
      ? []
      : ['TRUSTED_VALIDATORS must hold addresses or CIDR blocks, such as 10.0.0.0/8'];
  }
}
