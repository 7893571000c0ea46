import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { RequestContext } from '../../../platform/request/request-context.js';
import { AuthConfig } from '../../config/auth.config.js';
import { KeyAuthentication } from '../key-authentication.js';
import type { Authenticator } from './authenticator.js';
import { readCredential } from './credential.js';
import { KEY_REFUSALS } from './key-refusals.js';
import type { Verdict } from './verdict.js';

/** API keys in headers, or in the query where that is allowed. */
@Injectable()
export class ApiKeyAuthenticator implements Authenticator {
  constructor(
    private readonly config: AuthConfig,
    private readonly keys: KeyAuthentication,
  ) {}

  authenticate(request: IncomingMessage, context: RequestContext): Verdict | Promise<Verdict> | undefined {
    const query = this.config.allowQueryApiKey ? context.target.rawQuery : '';
    const credential = readCredential(request, query);
    if (credential === 'missing') return undefined;
    if (typeof credential === 'string') return { kind: 'refused', refusal: KEY_REFUSALS[credential] };
    return this.keys.authenticate(credential, context);
  }
}
