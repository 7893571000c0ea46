import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { FIRST_KEY_ID } from '../../../contracts/keys/rotation-policies.js';
import { redactKeys } from '../../../lib/keys/key-pattern.js';
import { RotationConfig } from '../../config/rotation.config.js';
import type { HandOver, SuccessorDestination } from './successor-destination.js';

type Sdk = typeof import('@aws-sdk/client-secrets-manager');

interface Opened {
  sdk: Sdk;
  client: SecretsManagerClient;
}

/**
 * Puts a successor into a secret of AWS Secrets Manager, as its current version. The version id (`ClientRequestToken`)
 * is the id of the delivery, so a repeated delivery makes no second version.
 */
@Injectable()
export class SecretsManagerDestination implements SuccessorDestination, OnApplicationShutdown {
  readonly variable = 'KEY_ROTATION_AWS_REGION';
  private opened: Promise<Opened> | undefined;

  constructor(private readonly config: RotationConfig) {}

  get configured(): boolean {
    return this.config.awsRegion !== undefined;
  }

  async deliver({ id, policy, apiKey, firstKeyId, signal }: HandOver): Promise<void> {
    const secretId = (policy.secretId ?? '').replaceAll(FIRST_KEY_ID, firstKeyId);
    const version = { SecretString: apiKey, ClientRequestToken: id };
    try {
      await this.put(secretId, version, signal);
    } catch (error) {
      const { name, message } = error as Error;
      // eslint-disable-next-line preserve-caught-error -- the SDK's own errors may hold the request
      throw new Error(`Secrets Manager: ${name}: ${redactKeys(message)}`);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    (await this.opened)?.client.destroy();
  }

  private async put(
    secretId: string,
    version: { SecretString: string; ClientRequestToken: string },
    abortSignal: AbortSignal,
  ): Promise<void> {
    const { sdk, client } = await this.open();
    const options = { abortSignal };
    try {
      await client.send(new sdk.PutSecretValueCommand({ SecretId: secretId, ...version }), options);
    } catch (error) {
      if (!(error instanceof sdk.ResourceNotFoundException) || secretId.startsWith('arn:')) throw error;
      await client.send(new sdk.CreateSecretCommand({ Name: secretId, ...version }), options);
    }
  }

  /** Loaded when it is needed first: most key services never do. */
  private open(): Promise<Opened> {
    const { awsRegion, awsEndpoint } = this.config;
    this.opened ??= import('@aws-sdk/client-secrets-manager').then((sdk) => ({
      sdk,
      client: new sdk.SecretsManagerClient({
        region: awsRegion,
        ...(awsEndpoint !== undefined && { endpoint: awsEndpoint }),
        // Failed deliveries are repeated from the database.
        maxAttempts: 1,
      }),
    }));
    return this.opened;
  }
}
