import { Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { bearersOf, readNamedToken } from '../../lib/named-token.js';
import { isOneOf } from '../../lib/secrets.js';
import { AdminAuthConfig } from '../config/admin-auth.config.js';
import { HashingConfig } from '../config/hashing.config.js';

const FINGERPRINT_LENGTH = 8;

/** The tokens that callers prove themselves with; each is compared in constant time. */
@Injectable()
export class CallerTokens {
  constructor(
    private readonly config: AdminAuthConfig,
    private readonly hashing: HashingConfig,
  ) {}

  /** Name of the administrator: the one in the configuration, else the token's fingerprint; undefined for anybody else. */
  adminName(sent: string): string | undefined {
    let found: string | undefined;
    for (const text of this.config.adminTokens)
      if (isOneOf(sent, bearersOf(text))) {
        const { name, token } = readNamedToken(text);
        found ??= name ?? this.fingerprint(token);
      }
    return found;
  }

  isService(token: string): boolean {
    return isOneOf(token, this.config.serviceTokens);
  }

  /** Tells the holders of several tokens apart in the audit log; without the pepper nothing follows from it. */
  fingerprint(token: string): string {
    const pepper = this.hashing.peppers.at(-1) ?? '';
    return createHmac('sha256', pepper).update(`caller:${token}`).digest('hex').slice(0, FINGERPRINT_LENGTH);
  }
}
