import { IsInt, Max, Min } from 'class-validator';
import { accessSync, constants } from 'node:fs';
import { Env } from './env.js';

/** Redis, where there is one. */
export class RedisConfig {
  @Env('REDIS_URL', {
    secret: true,
    about:
      'Redis of all replicas, such as redis://redis:6379/0 or rediss://…; unset: every replica for itself',
  })
  url: string | undefined = undefined;

  @Env('REDIS_COMMAND_TIMEOUT_MS', {
    kind: 'integer',
    unit: 'ms',
    about: 'Deadline of every Redis command; above it the declared behaviour without Redis applies',
  })
  @IsInt()
  @Min(1)
  @Max(10_000)
  commandTimeoutMs = 40;

  @Env('REDIS_CLUSTER', {
    kind: 'boolean',
    about: 'REDIS_URL names one node, or the configuration endpoint, of a Redis Cluster',
  })
  cluster = false;

  @Env('REDIS_TLS_CA_FILE', {
    about:
      'PEM file of the authority that signed the certificate of a rediss:// server; unset: the public ones',
  })
  tlsCaFile: string | undefined = undefined;

  check(): string[] {
    const problems: string[] = [];
    if (this.url === undefined) {
      if (this.cluster) problems.push('REDIS_CLUSTER=true needs REDIS_URL');
      if (this.tlsCaFile !== undefined) problems.push('REDIS_TLS_CA_FILE needs REDIS_URL');
      return problems;
    }
    if (!URL.canParse(this.url) || !/^rediss?:/i.test(this.url))
      return ['REDIS_URL must be a redis:// or rediss:// URL'];
    const url = new URL(this.url);
    if (this.cluster && !['', '/', '/0'].includes(url.pathname))
      problems.push('REDIS_URL must name database 0 with REDIS_CLUSTER=true: a cluster has no other');
    if (this.tlsCaFile !== undefined) {
      if (url.protocol !== 'rediss:') problems.push('REDIS_TLS_CA_FILE needs a rediss:// REDIS_URL');
      if (!isReadable(this.tlsCaFile)) problems.push('REDIS_TLS_CA_FILE must be a readable file');
    }
    return problems;
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
