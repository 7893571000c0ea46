import { IsIn, IsInt, IsString, Matches, Max, Min } from 'class-validator';
import { Env } from './env.js';
import { tokenProblems } from './secret-rules.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** What both servers can be told about listening, logging and stopping. A program's own class sets the port. */
export class ServerConfig {
  @Env('PORT', { kind: 'integer', about: 'Port to listen on; 0 picks a free one' })
  @IsInt()
  @Min(0)
  @Max(65535)
  port = 0;

  @Env('HOST', { about: 'Address to listen on' })
  @IsString()
  host = '0.0.0.0';

  @Env('LOG_LEVEL', {
    about: 'Least severe level that is logged: trace, debug, info, warn, error, fatal or silent',
  })
  @IsIn(LOG_LEVELS)
  logLevel: (typeof LOG_LEVELS)[number] = 'info';

  @Env('TRUSTED_PROXY_HOPS', {
    kind: 'integer',
    unit: 'proxies',
    about: 'Proxies in front whose X-Forwarded-* entries are trusted; 1 behind an ALB',
  })
  @IsInt()
  @Min(0)
  @Max(10)
  trustedProxyHops = 0;

  @Env('REQUIRE_HTTPS', {
    kind: 'boolean',
    about:
      'Refuse requests that did not come over HTTPS by X-Forwarded-Proto, but for /health*, /metrics, and /internal/keys/invalidate without X-Forwarded-For; needs TRUSTED_PROXY_HOPS of 1 or more',
  })
  requireHttps = false;

  @Env('METRICS_TOKEN', {
    kind: 'list',
    secret: true,
    about: 'Bearer tokens that /metrics asks for, separated by commas: any of them opens it; unset: open',
  })
  metricsTokens: string[] | undefined = undefined;

  @Env('KEEP_ALIVE_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about:
      'How long idle connections are kept, and one second more the wait for headers; longer than a balancer in front keeps them: ALB 60, Traefik 90, Caddy 120, Google Cloud 600',
  })
  @IsInt()
  @Min(1)
  @Max(3600)
  keepAliveSeconds = 125;

  @Env('DRAIN_DELAY_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'How long requests are still accepted after SIGTERM, while /health/ready says 503',
  })
  @IsInt()
  @Min(0)
  @Max(600)
  drainDelaySeconds = 5;

  @Env('SHUTDOWN_TIMEOUT_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'How long requests in flight may take to finish once the port is closed',
  })
  @IsInt()
  @Min(0)
  @Max(3600)
  shutdownTimeoutSeconds = 25;

  @Env('BUILD_COMMIT', {
    about:
      'Commit that the program was built from, for the metric build_info and the start event; images set it',
  })
  @Matches(/^[\w.-]{1,64}$/, {
    message: '$property must be 1 to 64 letters, digits, dots, hyphens or underscores',
  })
  buildCommit = 'unknown';

  check(): string[] {
    const problems: string[] = [];
    if (this.requireHttps && this.trustedProxyHops === 0)
      problems.push(
        'REQUIRE_HTTPS=true needs TRUSTED_PROXY_HOPS of 1 or more, or every request would be refused',
      );
    if (this.metricsTokens !== undefined)
      problems.push(...tokenProblems('METRICS_TOKEN', this.metricsTokens));
    // An empty list would leave /metrics open, although somebody has set the variable to close it.
    if (this.metricsTokens?.length === 0)
      problems.push('METRICS_TOKEN must have a token, not only commas; leave it unset to open /metrics');
    return problems;
  }
}
