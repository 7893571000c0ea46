import { useAuthHarness } from './auth-harness.js';

const { auth } = useAuthHarness();

const idOf = async (line: string): Promise<string> =>
  String((await auth(`create-key --json ${line}`)).json()['key_id']);
const namesIn = async (line: string): Promise<unknown[]> =>
  ((await auth(`list-keys --json ${line}`)).json()['keys'] as { name: string }[]).map(({ name }) => name);

it('list-keys finds by search, status and end, in the order asked for', async () => {
  await idOf('--name nightly-run --user-id ana --expires-in-days 3');
  await idOf('--name weekly-run --user-id ana --expires-in-days 30');
  const gone = await idOf('--name gone-run --user-id ana');
  await auth(`revoke-key ${gone} --yes`);
  expect(await namesIn('--search NIGHTLY')).toEqual(['nightly-run']);
  expect(await namesIn('--expires-within 14d')).toEqual(['nightly-run']);
  expect(await namesIn('--search run --sort expires_at')).toEqual(['nightly-run', 'weekly-run', 'gone-run']);
  expect(await namesIn('--search run --status revoked')).toEqual(['gone-run']);
  expect(await namesIn('--search run --status revoked --status active --sort name')).toEqual([
    'gone-run',
    'nightly-run',
    'weekly-run',
  ]);
  expect((await auth('list-keys --search nothing-has-this')).stderr).toContain('No key fits.');
  expect(await auth('list-keys --expires-within soon')).toMatchObject({ code: 2 });
  expect(await auth('list-keys --status ill')).toMatchObject({ code: 2 });
});

it('update-key changes owner and description, and makes a key end earlier', async () => {
  const id = await idOf('--name edited --expires-in-days 30 --description first');
  const line = `update-key ${id} --user-id bo --description second --expires-at 2d --json`;
  const key = (await auth(line)).json();
  expect(key).toMatchObject({ user_id: 'bo', description: 'second' });
  const days = (Date.parse(String(key['expires_at'])) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(1.9);
  expect(days).toBeLessThanOrEqual(2);
  const later = await auth(`update-key ${id} --expires-at 9d`);
  expect(later.code).not.toBe(0);
  expect(later.stderr).toContain('must not be later than the key ends now');
  expect((await auth(`update-key ${id} --clear user-id --clear description --json`)).json()).toMatchObject({
    user_id: null,
    description: null,
  });
});

it('usage --chart draws a bar for each period, or for each of the largest groups', async () => {
  const periods = await auth('usage --chart --from 3h');
  expect(periods.code).toBe(0);
  expect(periods.stdout).toMatch(/^PERIOD +REQUESTS +CLIENT ERROR +LIMITED +SERVER ERROR/);
  expect(periods.stdout.trimEnd().split('\n').length).toBeGreaterThan(3);
  expect((await auth('usage --chart --by key --top 3')).stdout).toMatch(/^KEY +REQUESTS/);
  expect((await auth('usage --chart --by user --json')).json()).toMatchObject({
    group_by: 'user',
    series: [],
  });
  expect((await auth('usage --by key')).stderr).toContain('add --chart');
});

it('audit shows who changed what, filtered, and checks the log', async () => {
  const id = await idOf('--name audited');
  await auth(`revoke-key ${id} --yes`);
  const entries = (await auth(`audit --key-id ${id} --json`)).json()['entries'];
  expect(entries).toMatchObject([{ action: 'key.revoked' }, { action: 'key.created' }]);
  const table = await auth('audit --action key.revoked --from 1h --limit 1');
  expect(table.stdout.trimEnd().split('\n')).toHaveLength(2);
  expect(table.stdout).toMatch(/key\.revoked +admin:[0-9a-f]{8}/);
  expect(await auth('audit --verify')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('in order and unchanged') as string,
  });
  expect(await auth('audit --verify --from 1h')).toMatchObject({ code: 2 });
  expect((await auth('audit --actor admin:nobody')).stderr).toContain('No entries match.');
});

it('services are listed, registered and removed, and a key may be for several', async () => {
  expect((await auth('services')).stdout).toMatch(/^SERVICE +KEYS[\s\S]*ml-platform/);
  expect((await auth('register-service batch --description jobs')).code).toBe(0);
  const key = (
    await auth('create-key --name both --service-id ml-platform --service-id batch --json')
  ).json();
  expect(key).toMatchObject({ service_id: 'ml-platform', service_ids: ['ml-platform', 'batch'] });
  expect((await auth('create-key --name none --service-id nobody')).stderr).toContain('register nobody');
  expect((await auth('remove-service batch --yes')).code).toBe(6);
  await auth(`revoke-key ${String(key['key_id'])} --yes`);
  expect((await auth('remove-service batch --yes')).code).toBe(0);
  expect((await auth('services --json')).json()).toMatchObject({ services: [{ service_id: 'ml-platform' }] });
});

it('rotation policies are made, listed, changed and removed', async () => {
  const key = await idOf('--name rotated');
  const made = await auth(`create-rotation-policy --key-id ${key} --max-age 90d --overlap 2d`);
  expect([made.code, made.stderr]).toEqual([
    ...[
      0,
      expect.stringMatching(/^Made the policy \S+ for 1 keys, of which 0 are due\.\nIt only warns\.\n$/),
    ],
  ]);
  const id = String(/policy (\S+) for/.exec(made.stderr)?.[1]);
  const row = new RegExp(`^${id} +key ${key} +90d +2d +only warns +1 +0 `, 'm');
  expect((await auth('rotation-policies')).stdout).toMatch(row);
  expect((await auth(`update-rotation-policy ${id} --max-age 30d --description short`)).code).toBe(0);
  expect((await auth('rotation-policies')).stdout).toMatch(/ 30d +2d .* short$/m);
  expect((await auth('rotation-deliveries')).stdout).toMatch(/^KEY ID +NEW KEY ID/);
  expect((await auth(`remove-rotation-policy ${id} --yes`)).code).toBe(0);
  expect((await auth('rotation-policies --json')).json()).toEqual({ policies: [] });
});

it.each([
  ['create-rotation-policy --environment staging', 2, '--max-age'],
  ['create-rotation-policy --environment staging --max-age 90', 2, 'such as 90d'],
  ['create-rotation-policy --environment moon --max-age 90d', 2, 'Allowed choices'],
  ['create-rotation-policy --environment staging --max-age 90d --delivery pigeon', 2, 'Allowed choices'],
  [
    'create-rotation-policy --environment staging --max-age 90d --delivery webhook',
    2,
    'KEY_ROTATION_WEBHOOK_URL',
  ],
  ['create-rotation-policy --max-age 90d', 2, '--key-id: must be given, or'],
  ['update-rotation-policy 641967f8-f229-4e3a-97ba-7515352ab293', 2, 'nothing to change'],
  ['update-rotation-policy 641967f8-f229-4e3a-97ba-7515352ab293 --max-age 9d', 4, 'No such rotation policy'],
])('"%s" ends with %d and says why', async (line, code, words) => {
  const { code: ended, stderr } = await auth(line);
  expect(ended).toBe(code);
  expect(stderr.toLowerCase()).toContain(words.toLowerCase());
});
