import { sendsInTheClear } from '../../lib/http/plain-http.js';
import { Env } from '../../platform/config/env.js';
import { tooShort } from '../../platform/config/secret-rules.js';
import { hasCredentials, isHttpUrl } from '../../platform/config/url-rules.js';

const MIN_SEAL_LENGTH = 32;

/** Where the successors of rotation policies are delivered. Policies without one of these destinations only warn. */
export class RotationConfig {
  @Env('KEY_ROTATION_WEBHOOK_URL', {
    about:
      'Where new keys of rotation policies with the delivery "webhook" are posted; https://, or http:// on this machine',
  })
  webhookUrl: string | undefined = undefined;

  @Env('KEY_ROTATION_WEBHOOK_SECRETS', {
    kind: 'list',
    secret: true,
    about:
      'Secrets that these posts are signed with, separated by commas, each of 16 characters or more; all of them sign, so that one can be exchanged',
  })
  webhookSecrets: string[] = [];

  @Env('KEY_ROTATION_AWS_REGION', {
    about:
      'Region of AWS Secrets Manager, for policies with the delivery "aws-secrets-manager"; credentials are found as the AWS SDK finds them, such as the role of an ECS task',
  })
  awsRegion: string | undefined = undefined;

  @Env('KEY_ROTATION_AWS_ENDPOINT', {
    about:
      "Address of Secrets Manager where it is not the region's own, such as a VPC endpoint; https://, or http:// on this machine",
  })
  awsEndpoint: string | undefined = undefined;

  @Env('KEY_ROTATION_SECRETS', {
    kind: 'list',
    secret: true,
    about:
      'Secrets that encrypt a new key in the database until it was handed over, separated by commas, each of 32 characters or more; the first one writes, the others still read; required for a delivery, the same on all replicas',
  })
  sealingSecrets: string[] = [];

  check(): string[] {
    const problems = [
      ...tooShort('KEY_ROTATION_WEBHOOK_SECRETS', this.webhookSecrets),
      ...tooShort('KEY_ROTATION_SECRETS', this.sealingSecrets, MIN_SEAL_LENGTH),
      ...addressProblems('KEY_ROTATION_WEBHOOK_URL', this.webhookUrl),
      ...addressProblems('KEY_ROTATION_AWS_ENDPOINT', this.awsEndpoint),
    ];
    if (this.webhookUrl !== undefined && this.webhookSecrets.length === 0)
      problems.push('KEY_ROTATION_WEBHOOK_SECRETS is required where KEY_ROTATION_WEBHOOK_URL is set');
    if (this.awsEndpoint !== undefined && this.awsRegion === undefined)
      problems.push('KEY_ROTATION_AWS_REGION is required where KEY_ROTATION_AWS_ENDPOINT is set');
    const delivers = this.webhookUrl !== undefined || this.awsRegion !== undefined;
    if (delivers && this.sealingSecrets.length === 0)
      problems.push(
        'KEY_ROTATION_SECRETS is required where new keys are handed over, such as from openssl rand -base64 32',
      );
    if (this.awsRegion !== undefined && !/^[a-z0-9-]{1,63}$/.test(this.awsRegion))
      problems.push('KEY_ROTATION_AWS_REGION must be the name of a region, such as eu-central-1');
    return problems;
  }
}

/** Keys are sent there. */
function addressProblems(name: string, url: string | undefined): string[] {
  if (url === undefined) return [];
  if (isHttpUrl(url) && !hasCredentials(url) && !sendsInTheClear(url)) return [];
  return [`${name} must be an https:// URL without a user or password, or http:// on this machine`];
}
