import { IsInt, Max, Min } from 'class-validator';
import { Env } from '../../platform/config/env.js';
import { tooShort } from '../../platform/config/secret-rules.js';

const MIN_PEPPER_LENGTH = 32;

/** How keys are hashed for storage. */
export class HashingConfig {
  @Env('KEY_PEPPER', {
    kind: 'list',
    secret: true,
    about:
      'Secrets of the HMAC under which keys are stored, separated by commas, each of 32 characters or more; the first one writes, the others still read; required, the same on all replicas',
  })
  peppers: string[] = [];

  @Env('BCRYPT_CONCURRENCY', {
    kind: 'integer',
    unit: 'comparisons',
    about: 'Comparisons with bcrypt hashes of imported keys under way at once',
  })
  @IsInt()
  @Min(1)
  @Max(64)
  bcryptConcurrency = 2;

  @Env('BCRYPT_MAX_QUEUED', {
    kind: 'integer',
    unit: 'validations',
    about:
      'Validations that may wait for such a comparison, an eighth of them for one caller; more of them get 503',
  })
  @IsInt()
  @Min(0)
  @Max(10_000)
  bcryptMaxQueued = 64;

  @Env('BCRYPT_TIMEOUT_MS', {
    kind: 'integer',
    unit: 'ms',
    about:
      "Longest wait of a validation for such a comparison, including the wait for its turn; after it the answer is 503, only for that key; well below the gateways' AUTH_TIMEOUT_MS",
  })
  @IsInt()
  @Min(10)
  @Max(60_000)
  bcryptTimeoutMs = 1000;

  check(): string[] {
    if (this.peppers.length === 0)
      return [
        'KEY_PEPPER is required: the secret under which keys are stored, such as from openssl rand -base64 32',
      ];
    return tooShort('KEY_PEPPER', this.peppers, MIN_PEPPER_LENGTH);
  }
}
