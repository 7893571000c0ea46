import {
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../programs/child-program.ts';
import { eventually } from '../lib/eventually.ts';
import { freePort } from '../programs/free-port.ts';

/** moto, which plays AWS; installed by `scripts/prepare.mjs test`. */
const MOTO = fileURLToPath(new URL('../../../.cache/aws-venv/bin/moto_server', import.meta.url));

export const hasSecretsManager = (): boolean => existsSync(MOTO);

/** Variables of a client that may do everything there. */
export const AWS_ACCESS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
export const AWS_REGION = 'eu-central-1';

/** AWS Secrets Manager on a free loopback port, as its users see it. */
export interface TestSecretsManager {
  readonly url: string;
  names(): Promise<string[]>;
  /** The current value of a secret. */
  value(name: string): Promise<string | undefined>;
  /** Ids of all versions of a secret, and which of them is current. */
  versions(name: string): Promise<{ ids: string[]; current: string | undefined }>;
  close(): Promise<void>;
}

export async function startSecretsManager(): Promise<TestSecretsManager> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = startProgram(MOTO, ['-H', '127.0.0.1', '-p', String(port)]);
  await eventually(async () => (await fetch(`${url}/moto-api/`)).ok, {
    ...{ program, what: 'moto', timeoutMs: 60_000 },
  });
  const client = new SecretsManagerClient({
    ...{ region: AWS_REGION, endpoint: url },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    url,
    names: async () =>
      ((await client.send(new ListSecretsCommand({}))).SecretList ?? []).map(({ Name = '' }) => Name),
    value: async (name) => (await client.send(new GetSecretValueCommand({ SecretId: name }))).SecretString,
    versions: async (name) => {
      const { Versions = [] } = await client.send(
        new ListSecretVersionIdsCommand({ SecretId: name, IncludeDeprecated: true }),
      );
      return {
        ids: Versions.map(({ VersionId = '' }) => VersionId),
        current: Versions.find(({ VersionStages }) => VersionStages?.includes('AWSCURRENT'))?.VersionId,
      };
    },
    close: async () => {
      client.destroy();
      await program.stop('SIGKILL');
    },
  };
}
