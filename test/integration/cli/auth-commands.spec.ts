import { eventually } from '../../support/lib/eventually.js';
import { hokusai, type CliResult } from '../../support/programs/hokusai.js';
import { useAuthHarness } from './auth-harness.js';

const harness = useAuthHarness();
const { auth } = harness;

async function createKey(...options: string[]): Promise<{ key_id: string; api_key: string }> {
  const args = ['auth', 'create-key', '--name', 'made by a test', '--json', ...options];
  return (await hokusai(args, { env: harness.env })).json();
}

describe('create-key', () => {
  it('writes the new key, and nothing else, to standard output, so that a script can take it', async () => {
    const { code, stdout, stderr } = await hokusai(['auth', 'create-key', '--name', 'Production Key'], {
      env: harness.env,
    });
    expect(stderr).toContain('shown this once');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^hk_live_[0-9A-Za-z]{49}\n$/);
    expect(stderr).toContain('Production Key');
    expect(stderr).not.toContain(stdout.trim());
  });

  it('sends what the options say', async () => {
    const line =
      'create-key --name ci --environment staging --scope model:read --scope mlflow:access --rate-limit 1000 ' +
      '--burst 50 --searches-per-minute 30 --writes-per-minute 40 --expires-in-days 90 --allowed-ip 10.0.0.0/8 --allowed-ip 192.0.2.7 --user-id ada --json';
    const key = (await auth(line)).json();
    expect(key).toMatchObject({
      name: 'ci',
      service_id: 'ml-platform',
      user_id: 'ada',
      environment: 'staging',
      scopes: ['model:read', 'mlflow:access'],
      rate_limit_per_hour: 1000,
      burst: 50,
      searches_per_minute: 30,
      writes_per_minute: 40,
      allowed_ips: ['10.0.0.0/8', '192.0.2.7'],
      api_key: expect.stringMatching(/^hk_test_/),
    });
    const days = (Date.parse(String(key['expires_at'])) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(89.9);
    expect(days).toBeLessThanOrEqual(90);
  });

  it('gives grants at creation, replaces them in an update and takes them away', async () => {
    const line =
      'create-key --name g --scope mlflow:write --experiment team-a/*:write --experiment 12:read --json';
    const key = (await auth(line)).json();
    const experiments = [
      { name: 'team-a/*', level: 'write' },
      { id: '12', level: 'read' },
    ];
    expect(key).toMatchObject({ scopes: ['mlflow:write'], grants: { experiments } });
    const id = String(key['key_id']);
    const narrowed = (
      await auth(`update-key ${id} --model team-a-x:read --burst 7 --searches-per-minute 8 --json`)
    ).json();
    expect(narrowed).toMatchObject({
      burst: 7,
      searches_per_minute: 8,
      grants: { models: [{ name: 'team-a-x', level: 'read' }] },
    });
    const cleared = await auth(
      `update-key ${id} --clear grants --clear burst --clear searches-per-minute --json`,
    );
    expect(cleared.json()).toMatchObject({
      burst: null,
      searches_per_minute: null,
      grants: null,
      scopes: ['mlflow:write'],
    });
    const nothing = await auth(`update-key ${id}`);
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('nothing to change')]);
    const refused = await auth(`update-key ${id} --grants /nowhere.json`);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('cannot be read')]);
  });

  it("leaves everything to the service's defaults that no option names", async () => {
    const key = (await auth('create-key --name plain --json')).json();
    expect(key).toMatchObject({
      environment: 'production',
      scopes: ['model:read', 'model:write', 'mlflow:access'],
      expires_at: null,
      allowed_ips: null,
    });
  });

  it('names a refused field, as wrong use', async () => {
    const { code, stderr, stdout } = await auth('create-key --name x --allowed-ip nowhere');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Error: --allowed-ip: must hold addresses or CIDR blocks only/);
    expect(stdout).toBe('');
  });

  it.each([
    ['without a name', 'create-key', "Required option '--name <name>'"],
    [
      'with an unknown environment',
      'create-key --name x --environment moon',
      'Allowed choices are production',
    ],
    ['with days that are no number', 'create-key --name x --expires-in-days soon', 'whole number above 0'],
  ])('%s is wrong use', async (_how, line, text) => {
    const { code, stderr } = await auth(line);
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });
});

describe('list-keys and show-key', () => {
  it('show a table for people, never with a key in it', async () => {
    const { key_id: id, api_key: apiKey } = await createKey();
    const { code, stdout } = await auth('list-keys');
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^KEY ID +NAME +PREFIX +STATUS/);
    expect(stdout).toMatch(new RegExp(`${id} +made by a test +${apiKey.slice(0, 10)}\\S* +active`));
    expect(stdout).not.toContain(apiKey);
    expect(stdout).not.toContain(apiKey.slice(0, 30));
  });

  it('go through all pages, and stop at --limit', async () => {
    for (let i = 0; i < 3; i++) await createKey('--user-id', 'paged');
    const all = (await auth('list-keys --user-id paged --json')).json<{ keys: unknown[] }>();
    expect(all.keys).toHaveLength(3);
    const some = (await auth('list-keys --user-id paged --limit 2 --json')).json<{ keys: unknown[] }>();
    expect(some.keys).toHaveLength(2);
  });

  it('say that no key fits where others are there', async () => {
    const { code, stdout, stderr } = await auth('list-keys --user-id nobody');
    expect([code, stdout, stderr]).toEqual([0, '', 'No key fits.\n']);
  });

  it('show one key with everything that is known of it', async () => {
    const { key_id: id } = await createKey('--rate-limit', '77');
    const { code, stdout } = await auth(`show-key ${id}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Requests an hour: +77/);
    expect((await auth(`show-key ${id} --json`)).json()).toMatchObject({
      key_id: id,
      rate_limit_per_hour: 77,
    });
  });

  it('answer an unknown id with exit code 4 and the next step', async () => {
    const { code, stderr } = await auth('show-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11');
    expect(code).toBe(4);
    expect(stderr).toContain('hokusai auth list-keys');
  });
});

describe('validate', () => {
  it('says yes with the facts, exit code 0', async () => {
    const { key_id: id, api_key: apiKey } = await createKey();
    const { code, stdout } = await auth('validate', { HOKUSAI_API_KEY: apiKey });
    expect(code).toBe(0);
    expect(stdout).toContain('valid for ml-platform');
    expect(stdout).toContain(id);
  });

  it('needs no admin token, and takes the key from standard input', async () => {
    const { api_key: apiKey } = await createKey();
    const { code } = await hokusai(['auth', 'validate', '--api-key-stdin'], {
      env: { HOKUSAI_AUTH_SERVICE_URL: harness.url },
      stdin: `${apiKey}\n`,
    });
    expect(code).toBe(0);
  });

  it('says no with exit code 3, and where the key came from', async () => {
    const { code, stderr, stdout } = await auth('validate', { HOKUSAI_API_KEY: 'hk_live_your_key_here' });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain('Invalid or expired API key (the key is from HOKUSAI_API_KEY)');
  });

  it('says no in JSON on standard output', async () => {
    const result = await auth('validate --json', { HOKUSAI_API_KEY: 'hk_live_your_key_here' });
    expect(result.code).toBe(3);
    expect(result.json()).toMatchObject({ valid: false });
  });

  it('says how to set a key if there is none', async () => {
    const { code, stderr } = await auth('validate');
    expect(code).toBe(2);
    expect(stderr).toMatch(/API key required: set HOKUSAI_API_KEY.*--api-key-stdin/);
  });
});

describe('revoke-key', () => {
  it('refuses without a terminal and without --yes, and changes nothing', async () => {
    const { key_id: id, api_key: apiKey } = await createKey();
    const { code, stderr } = await auth(`revoke-key ${id}`);
    expect(code).toBe(2);
    expect(stderr).toContain('repeat the command with --yes');
    expect((await auth('validate', { HOKUSAI_API_KEY: apiKey })).code).toBe(0);
  });

  it('revokes with --yes, for good', async () => {
    const { key_id: id, api_key: apiKey } = await createKey();
    const { code, stderr } = await auth(`revoke-key ${id} --yes`);
    expect(code).toBe(0);
    expect(stderr).toContain('Revoked "made by a test"');
    expect((await auth('validate', { HOKUSAI_API_KEY: apiKey })).code).toBe(3);
    expect((await auth(`show-key ${id}`)).stdout).toMatch(/Status: +revoked/);
  });

  it.each([
    ['y', 0, 'Revoked'],
    ['n', 1, 'Nothing was changed'],
    ['', 1, 'Nothing was changed'],
  ])('asks on a terminal; the answer %j ends with %d', async (answer, expected, text) => {
    const { key_id: id } = await createKey();
    const { code, stderr } = await hokusai(['auth', 'revoke-key', id], { env: harness.env, typed: [answer] });
    expect(stderr).toContain('Revoke "made by a test"');
    expect(stderr).toContain(text);
    expect(code).toBe(expected);
  });

  it('refuses a key in place of its id, and does not repeat it', async () => {
    const { api_key: apiKey } = await createKey();
    const { code, stderr, stdout } = await auth(`revoke-key ${apiKey} --yes`);
    expect(code).toBe(2);
    expect(stderr).toContain('not the id of one');
    expect(stderr + stdout).not.toContain(apiKey);
  });
});

describe('rotate-key', () => {
  it('gives a new key on standard output, both valid during the overlap', async () => {
    const old = await createKey();
    const { code, stdout, stderr } = await auth(`rotate-key ${old.key_id} --overlap 1h --yes`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^hk_live_[0-9A-Za-z]{49}\n$/);
    expect(stderr).toContain('Old key ends');
    expect(stderr).not.toContain(stdout.trim());
    for (const key of [old.api_key, stdout.trim()])
      expect((await auth('validate', { HOKUSAI_API_KEY: key })).code).toBe(0);
  });

  it('ends the old key at once with --overlap 0', async () => {
    const old = await createKey();
    const rotated = (await auth(`rotate-key ${old.key_id} --overlap 0 --yes --json`)).json();
    expect(rotated).toMatchObject({ old_key_id: old.key_id, api_key: expect.stringMatching(/^hk_live_/) });
    expect((await auth('validate', { HOKUSAI_API_KEY: old.api_key })).code).toBe(3);
    expect((await auth('validate', { HOKUSAI_API_KEY: String(rotated['api_key']) })).code).toBe(0);
  });

  it('asks on a terminal, and says when the old key ends', async () => {
    const { key_id: id } = await createKey();
    const { code, stderr } = await hokusai(['auth', 'rotate-key', id, '--overlap', '90m'], {
      env: harness.env,
      typed: ['no'],
    });
    expect(stderr).toContain('The old key ends in 90 minutes');
    expect(code).toBe(1);
  });

  it('answers a revoked key with exit code 6', async () => {
    const { key_id: id } = await createKey();
    await auth(`revoke-key ${id} --yes`);
    const { code, stderr } = await auth(`rotate-key ${id} --yes`);
    expect(code).toBe(6);
    expect(stderr).toContain('hokusai auth show-key');
  });

  it('refuses an overlap above 30 days before it asks anyone', async () => {
    const { code, stderr } = await auth('rotate-key some-id --overlap 31d --yes');
    expect(code).toBe(2);
    expect(stderr).toContain('at most 30 days');
  });
});

describe('usage', () => {
  const report = async (keyId: string, source: 'key' | 'session'): Promise<void> => {
    const response = await fetch(`${harness.url}/api/v1/usage/${keyId}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${harness.env['HOKUSAI_ADMIN_TOKEN']}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        endpoint: 'GET /',
        timestamp: new Date().toISOString(),
        response_time_ms: 3,
        status_code: 200,
        source,
      }),
    });
    expect(response.status).toBe(202);
    await response.arrayBuffer();
  };

  it('says how much came by browser, where anything did', async () => {
    const { key_id: id } = await createKey();
    const shown = (total: number): Promise<CliResult> =>
      eventually(async () => {
        const result = await auth(`usage ${id}`);
        return result.stderr.startsWith(`${total} requests`) && result;
      });
    await report(id, 'key');
    const plain = await shown(1);
    expect([plain.stdout, plain.stderr].join()).not.toMatch(/browser/i);
    await report(id, 'session');
    const mixed = await shown(2);
    expect(mixed.stderr).toMatch(/^2 requests \(1 by browser\), 0 errors/);
    expect(mixed.stdout).toMatch(/REQUESTS +BROWSER +ERRORS/);
    expect(mixed.stdout).toMatch(/GET \/ +2 +1 +0/);
  });
});
