import { Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
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

  isAdmin(token: string): boolean {
    return isOneOf(token, this.config.adminTokens);
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
