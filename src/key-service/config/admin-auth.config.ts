import { IsInt, Max, Min } from 'class-validator';
import { bearersOf, readNamedToken } from '../../lib/keys/named-token.js';
import { Env } from '../../platform/config/env.js';
import { tokenProblems } from '../../platform/config/secret-rules.js';

/** Who may manage keys, and which services may ask and report. */
export class AdminAuthConfig {
  @Env('HOKUSAI_ADMIN_TOKEN', {
    kind: 'list',
    secret: true,
    about:
      'Bearer tokens that may manage keys, separated by commas, each of 16 characters or more; with the name of their holder, ana:token, the audit log shows it; required',
  })
  adminTokens: string[] = [];

  @Env('SERVICE_TOKENS', {
    kind: 'list',
    secret: true,
    about:
      'Bearer tokens of services that validate keys (body contract) and report usage, separated by commas, each of 16 characters or more',
  })
  serviceTokens: string[] = [];

  @Env('ADMIN_FAILED_AUTH_PER_MINUTE', {
    kind: 'integer',
    unit: 'requests',
    about:
      'Requests a minute from one client address without the right token, IPv6 by /64; above it they get 429, and right tokens still get through',
  })
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  failedAuthPerMinute = 20;

  check(): string[] {
    const problems = [
      ...tokenProblems(
        'HOKUSAI_ADMIN_TOKEN',
        this.adminTokens.map((text) => readNamedToken(text).token),
      ),
      ...tokenProblems('SERVICE_TOKENS', this.serviceTokens),
    ];
    if (this.adminTokens.length === 0)
      problems.push('HOKUSAI_ADMIN_TOKEN is required: the token that may manage keys');
    if (this.serviceTokens.some((token) => this.adminTokens.flatMap(bearersOf).includes(token)))
      problems.push('SERVICE_TOKENS and HOKUSAI_ADMIN_TOKEN must have no token in common');
    return problems;
  }
}
