import { askAuthService } from '../../src/cli/verify/auth-service.checks.js';
import type { HttpProbe } from '../../src/cli/checks/http-probe.js';
import { KEY_FACTS, type KeyFactName } from '../../src/contracts/keys/key-facts.js';
import { sortReply, type Reply } from '../../src/gateway/auth/auth-service/auth-service.reply.js';
import { SCHEMAS } from '../../src/key-service/openapi/schemas.js';
import { EVERY_FACT } from '../support/lib/stated-facts.js';
import { parseValidation } from '../../src/sdk/auth/key-validation.js';

const FACTS = Object.keys(KEY_FACTS) as KeyFactName[];

type Word = 'yes' | 'no' | 'neither';

function gatewayWord(text: string): Word {
  try {
    return sortReply(200, text).kind === 'valid' ? 'yes' : 'no';
  } catch {
    return 'neither';
  }
}

function sdkWord(text: string): Word {
  try {
    return parseValidation(text, 'ml-platform').valid ? 'yes' : 'no';
  } catch {
    return 'neither';
  }
}

async function cliWord(text: string): Promise<Word> {
  const probe = { send: async () => ({ status: 200, text }) } as unknown as HttpProbe;
  const context = { authServiceUrl: 'http://auth.example', serviceId: 'ml-platform', apiKey: 'k', env: {} };
  const { kind } = await askAuthService({ ...context, probe }, 'header');
  return kind === 'valid' ? 'yes' : kind === 'refused' ? 'no' : 'neither';
}

describe('gateway, SDK and CLI read one answer alike', () => {
  it.each<[string, Word]>([
    ['{"valid":true}', 'yes'],
    ['{"is_valid":true}', 'yes'],
    [JSON.stringify({ valid: true, ...EVERY_FACT }), 'yes'],
    ['{"valid":true,"key_id":17,"user_id":4}', 'yes'],
    ['{"valid":true,"expires_at":"2100-01-01 00:00:00.5"}', 'yes'],
    ['{"valid":false}', 'no'],
    ['{"valid":true,"is_valid":false}', 'no'],
    ['{"valid":false,"is_valid":"no"}', 'neither'],
    ['{"valid":true,"is_valid":"yes"}', 'neither'],
    ['{"valid":"true"}', 'neither'],
    ['{"valid":null}', 'neither'],
    ['{}', 'neither'],
    ['[]', 'neither'],
    ['<html>', 'neither'],
    ['{"valid":false,"valid":true}', 'neither'],
    ['{"valid":true,"expires_at":"soon"}', 'neither'],
    ['{"valid":true,"allowed_ips":["*"]}', 'neither'],
    ['{"valid":true,"scopes":"mlflow:access"}', 'neither'],
    ['{"valid":true,"user_id":12345678901234567890}', 'neither'],
    ['{"valid":true,"burst":0}', 'neither'],
    ['{"valid":true,"grants":{"models":[{"name":"a","level":"all"}]}}', 'neither'],
    ['{"valid":true,"grants":{"dashboards":[]}}', 'neither'],
  ])('%s: %s', async (text, word) => {
    expect({ gateway: gatewayWord(text), sdk: sdkWord(text), cli: await cliWord(text) }).toEqual({
      gateway: word,
      sdk: word,
      cli: word,
    });
  });
});

describe('no fact of the list is missed', () => {
  it.each(FACTS)('by the gateway: %s', (name) => {
    const facts = (said: object): unknown =>
      (sortReply(200, JSON.stringify({ valid: true, ...said })) as Extract<Reply, { kind: 'valid' }>).facts;
    expect(facts({ [name]: EVERY_FACT[name] })).not.toEqual(facts({}));
  });

  it.each(FACTS)('by the SDK: %s', (name) => {
    expect(parseValidation(JSON.stringify({ valid: true, ...EVERY_FACT }), 'ml-platform')).toHaveProperty(
      name,
      EVERY_FACT[name],
    );
  });

  it.each(['ValidKey', 'Key', 'CreatedKey'])('by the schema %s of the OpenAPI document', (schema) => {
    const { properties, required } = SCHEMAS[schema] as { properties: object; required: string[] };
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(FACTS));
    expect(required).toEqual(expect.arrayContaining(FACTS));
  });
});
