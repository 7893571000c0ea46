import type { ServerResponse } from 'node:http';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';
import {
  AWS_ACCESS,
  AWS_REGION,
  hasSecretsManager,
  startSecretsManager,
  type TestSecretsManager,
} from '../../support/servers/secrets-manager.js';
import { DAY_MS, SEALING_SECRET, startRotationService, type RotationService } from './rotation-service.js';

/** As AWS refuses, and with all that it was sent in its words. */
function refuse(response: ServerResponse, body: string): void {
  const problem = { __type: 'AccessDeniedException', Message: `not authorized for ${body}` };
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(problem));
}

if (!hasSecretsManager() && process.env['CI']) throw new Error('CI needs moto');
const suite = hasSecretsManager() ? describe : describe.skip;

suite('successors for AWS Secrets Manager', () => {
  let secrets: TestSecretsManager;
  /** Between the key service and Secrets Manager, so that an answer can be lost. */
  let way: RecordingUpstream;
  let trouble: 'answers are lost' | 'no right' | undefined;

  beforeAll(async () => {
    Object.assign(process.env, AWS_ACCESS);
    secrets = await startSecretsManager();
    way = await startRecordingUpstream(async ({ method, url, headers, body }, response) => {
      const { host: _host, connection: _connection, 'content-length': _length, ...sent } = headers;
      if (trouble === 'no right') return refuse(response, body.toString());
      const answer = await fetch(secrets.url + url, {
        method,
        headers: sent as Record<string, string>,
        body: body.toString(),
      });
      if (trouble === 'answers are lost' && answer.ok) return void response.destroy();
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    });
  });
  afterAll(async () => {
    for (const name of Object.keys(AWS_ACCESS)) delete process.env[name];
    await way?.close();
    await secrets?.close();
  });

  describe.each(ENGINES)('on %s', (engine) => {
    let databases: KeyDatabases;
    let service: RotationService;

    beforeAll(async () => {
      databases = await startKeyDatabases(engine);
    });
    beforeEach(async () => {
      trouble = undefined;
      service = await startRotationService({
        DATABASE_URL: await databases.next(),
        KEY_ROTATION_AWS_REGION: AWS_REGION,
        KEY_ROTATION_AWS_ENDPOINT: way.url,
        KEY_ROTATION_SECRETS: SEALING_SECRET,
      });
    });
    afterEach(() => service.close());
    afterAll(() => databases?.close());

    const policy = (fields: object): Promise<unknown> =>
      service.createPolicy({ max_age_days: 30, delivery: 'aws-secrets-manager', ...fields });
    const month = async (): Promise<void> => {
      service.clock.advance(29 * DAY_MS);
      await service.turn();
    };
    const lastError = async (): Promise<string | null | undefined> =>
      (await service.deliveries()).deliveries[0]?.last_error;

    it('each line of keys has its secret, which is made once and gets a version for each rotation', async () => {
      const keys = [await service.createKey(), await service.createKey()];
      await policy({ environment: 'production', secret_id: `${engine}/keys/{first_key_id}` });
      for (let months = 1; months <= 2; months++) {
        await month();
        for (const { key_id: id, api_key: first } of keys) {
          const name = `${engine}/keys/${id}`;
          const value = (await secrets.value(name)) ?? '';
          expect([await service.isValid(value), value === first]).toEqual([true, false]);
          expect((await secrets.versions(name)).ids).toHaveLength(months);
        }
      }
      expect(service.logs.of('key_rotation_delivered')).toHaveLength(4);
      const values = await Promise.all(keys.map(({ key_id: id }) => secrets.value(`${engine}/keys/${id}`)));
      for (const value of values) expect(service.logs.raw).not.toContain(value?.slice(12));
    });

    it('a version whose answer was lost is put again, and stays one version', async () => {
      const key = await service.createKey();
      const name = `${engine}/lost`;
      await policy({ key_id: key.key_id, secret_id: name });
      trouble = 'answers are lost';
      await month();
      const value = await secrets.value(name);
      expect((await service.deliveries()).total).toBe(1);
      expect(await service.key(key.key_id)).toMatchObject({ expires_at: null, rotated_to_id: null });
      trouble = undefined;
      service.clock.advance(DAY_MS);
      await service.turn();
      expect((await service.deliveries()).total).toBe(0);
      const { ids, current } = await secrets.versions(name);
      expect([ids, await secrets.value(name)]).toEqual([[current], value]);
      expect(await service.isValid(value ?? '')).toBe(true);
    });

    it('a service without the right leaves the old key as it is, and hands it over once it has it', async () => {
      const key = await service.createKey();
      const name = `${engine}/refused`;
      await policy({ key_id: key.key_id, secret_id: name });
      trouble = 'no right';
      await month();
      const refusal = await lastError();
      expect(refusal).toContain('Secrets Manager: AccessDeniedException: ');
      // The refusal of this test repeats what was sent.
      expect(refusal).toContain('hk_live_…');
      expect(await service.key(key.key_id)).toMatchObject({ expires_at: null, rotated_to_id: null });
      trouble = undefined;
      service.clock.advance(DAY_MS);
      await service.turn();
      const value = await secrets.value(name);
      expect(await service.isValid(value ?? '')).toBe(true);
      expect(service.logs.raw).not.toContain(value?.slice(12));
    });

    it('an ARN of no secret is refused, and no new secret is made of it', async () => {
      const key = await service.createKey();
      const arn = `arn:aws:secretsmanager:${AWS_REGION}:123456789012:secret:${engine}-nothing-AbCdEf`;
      await policy({ key_id: key.key_id, secret_id: arn });
      await month();
      expect(await lastError()).toContain('ResourceNotFoundException');
      expect((await secrets.names()).filter((name) => name.includes('nothing'))).toEqual([]);
      expect(await service.isValid(key.api_key)).toBe(true);
    });
  });
});
