import { IsInt, Max, Min } from 'class-validator';
import { readNamedToken } from '../../lib/keys/named-token.js';
import { Env } from '../../platform/config/env.js';
import { tokenProblems } from '../../platform/config/secret-rules.js';
import { hasCredentials, isHttpUrl } from '../../platform/config/url-rules.js';

/** Which gateways are notified when what they know about a key is out of date. */
export class InvalidationConfig {
  @Env('GATEWAY_INVALIDATE_URLS', {
    kind: 'list',
    about:
      'Where invalidations are posted, separated by commas, such as http://gateway:8001/internal/keys/invalidate, and which gateways the console asks; gateways that share a Redis need one; unset: gateways learn of a change when what they have cached ends',
  })
  urls: string[] = [];

  @Env('GATEWAY_ADMIN_TOKEN', {
    kind: 'list',
    secret: true,
    about:
      "The gateways' admin tokens, separated by commas; the first one is sent with invalidations and questions; unset: HOKUSAI_ADMIN_TOKEN",
  })
  gatewayAdminTokens: string[] = [];

  @Env('INVALIDATION_TIMEOUT_MS', {
    kind: 'integer',
    unit: 'ms',
    about: 'Longest wait for a gateway to take an invalidation; it is repeated until one does',
  })
  @IsInt()
  @Min(10)
  @Max(60_000)
  timeoutMs = 2000;

  check(): string[] {
    const problems = tokenProblems(
      'GATEWAY_ADMIN_TOKEN',
      this.gatewayAdminTokens.map((text) => readNamedToken(text).token),
    );
    if (!this.urls.every((url) => isHttpUrl(url) && !hasCredentials(url)))
      problems.push('GATEWAY_INVALIDATE_URLS must hold http:// or https:// URLs without a user or password');
    return problems;
  }
}
