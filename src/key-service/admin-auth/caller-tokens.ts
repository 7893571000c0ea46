import { Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { bearersOf, readNamedToken } from '../../lib/keys/named-token.js';
import { isOneOf } from '../../lib/keys/secrets.js';
import { AdminAuthConfig } from '../config/admin-auth.config.js';
import { HashingConfig } from '../config/hashing.config.js';

const FINGERPRINT_LENGTH = 8;

/** Who holds an admin token, without the token. */
export interface TokenHolder {
  readonly name: string;
  readonly fingerprint: string;
}

/** The tokens that callers prove themselves with; each is compared in constant time. */
@Injectable()
export class CallerTokens {
  constructor(
    private readonly config: AdminAuthConfig,
    private readonly hashing: HashingConfig,
  ) {}

  /** Name of the administrator: the one in the configuration, else the token's fingerprint; undefined for anybody else. */
  adminName(sent: string): string | undefined {
    return this.holderOf(sent)?.name;
  }

  /** Whose admin token it is; undefined for anybody else's. */
  holderOf(sent: string): TokenHolder | undefined {
    let found: TokenHolder | undefined;
    for (const text of this.config.adminTokens)
      if (isOneOf(sent, bearersOf(text))) found ??= this.holder(text);
    return found;
  }

  /** Name of the holder of a token by its fingerprint, while the token is configured. */
  nameOf(fingerprint: string): string | undefined {
    return this.config.adminTokens
      .map((text) => this.holder(text))
      .find((one) => one.fingerprint === fingerprint)?.name;
  }

  /** Everybody with an admin token, in the order of the configuration. */
  holders(): TokenHolder[] {
    return this.config.adminTokens.map((text) => this.holder(text));
  }

  isService(token: string): boolean {
    return isOneOf(token, this.config.serviceTokens);
  }

  private holder(text: string): TokenHolder {
    const { name, token } = readNamedToken(text);
    const fingerprint = this.fingerprint(token);
    return { name: name ?? fingerprint, fingerprint };
  }

  /** Distinguishes the holders of tokens in the audit log. Without the pepper it reveals nothing about the token. */
  fingerprint(token: string): string {
    const pepper = this.hashing.peppers.at(-1) ?? '';
    return createHmac('sha256', pepper).update(`caller:${token}`).digest('hex').slice(0, FINGERPRINT_LENGTH);
  }
}
