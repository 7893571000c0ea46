import { IsInt, Max, Min } from 'class-validator';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Env } from './env.js';
import { redisAddress, redisUrlProblem } from './redis-address.js';

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
    const problem = redisUrlProblem(this.url);
    if (problem !== undefined) return [`REDIS_URL ${problem}`];
    const { database, tls } = redisAddress(this.url);
    if (this.cluster && database !== 0)
      problems.push('REDIS_URL must name database 0 with REDIS_CLUSTER=true: a cluster has no other');
    if (this.tlsCaFile !== undefined) {
      if (!tls) problems.push('REDIS_TLS_CA_FILE needs a rediss:// REDIS_URL');
      problems.push(...certificateProblems('REDIS_TLS_CA_FILE', this.tlsCaFile));
    }
    return problems;
  }
}

function certificateProblems(name: string, path: string): string[] {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch {
    return [`${name} must be a readable file`];
  }
  return hasCertificate(content)
    ? []
    : [`${name} must hold certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----`];
}

/** TLS accepts a file without certificates, and then trusts no peer. */
function hasCertificate(content: Buffer): boolean {
  try {
    // X509Certificate also reads DER, which TLS does not, so the PEM marker is required.
    return content.includes('-----BEGIN') && new X509Certificate(content).fingerprint256 !== '';
  } catch {
    return false;
  }
}
