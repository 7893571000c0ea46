import { randomUUID } from 'node:crypto';
import type { AuditResponse } from '../../../src/contracts/admin/audit.js';
import type { KeyResource, ListKeysResponse } from '../../../src/contracts/keys/key-management.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { ANA, ask, CONSOLE_ENV, post, signIn, type ConsoleReply } from './console-client.js';

type Fields = Record<string, string | string[]>;

describe.each(ENGINES)('forms of the console, on %s', (engine) => {
  let databases: KeyDatabases;
  let service: TestKeyService;
  let cookie: string;
  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    service = await startTestKeyService({ DATABASE_URL: await databases.next(), ...CONSOLE_ENV });
    cookie = await signIn(service.url);
    await api('POST', '/services', { service_id: 'batch' });
  });
  afterAll(async () => {
    await service?.close();
    await databases?.close();
  });

  const api = <T = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
    service.call<T>(method, path, body, { authorization: `Bearer ${ANA}` });
  const open = (path: string): Promise<ConsoleReply> =>
    ask(`${service.url}/console/${path}`, { headers: { cookie } });
  const send = (path: string, fields: Fields): Promise<ConsoleReply> =>
    post(
      `${service.url}/console/${path}`,
      Object.entries(fields).flatMap(([name, value]) =>
        [value].flat().map((one): [string, string] => [name, one]),
      ),
      { cookie },
    );
  const keyOf = async (id: string): Promise<KeyResource> =>
    (await api<KeyResource>('GET', `/keys/${id}`)).body;
  async function newKey(fields: object = {}): Promise<KeyResource> {
    const { body } = await api<KeyResource>('POST', '/keys', {
      name: 'a key',
      service_id: 'batch',
      ...fields,
    });
    return keyOf(body.key_id);
  }
  const detailsOf = async (id: string, action: string) =>
    (await api<AuditResponse>('GET', `/audit?key_id=${id}&action=${action}`)).body.entries.map(
      ({ actor, details }) => ({ actor, details }),
    );

  /** What a browser would send of a form that nobody touched. */
  function filled(html: string): Fields {
    const values: Record<string, string[]> = {};
    const add = (name: string | undefined, value: string): void => {
      if (name !== undefined) (values[name] ??= []).push(unescaped(value));
    };
    const nameOf = (tag: string): string | undefined => / name="([^"]+)"/.exec(tag)?.[1];
    for (const [tag] of html.matchAll(/<input(?:"[^"]*"|[^>"])*>/g))
      if (!/type="checkbox"/.test(tag) || / checked/.test(tag))
        add(nameOf(tag), / value="([^"]*)"/.exec(tag)?.[1] ?? '');
    for (const [, tag = '', text = ''] of html.matchAll(/(<textarea[^>]*>)\n?([^<]*)<\/textarea>/g))
      add(nameOf(tag), text);
    for (const [, tag = '', options = ''] of html.matchAll(/(<select[^>]*>)(.*?)<\/select>/gs)) {
      const chosen =
        /<option[^>]* selected[^>]*>/.exec(options)?.[0] ?? /<option[^>]*>/.exec(options)?.[0] ?? '';
      add(nameOf(tag), / value="([^"]*)"/.exec(chosen)?.[1] ?? '');
    }
    return values;
  }

  it('29: a key is made as the API makes it, with everything that a key may have', async () => {
    const id = randomUUID();
    const made = await send('keys/new', {
      id,
      ...{ name: ' nightly ', user_id: 'ana', description: 'Trains the model', environment: 'staging' },
      ...{ service_id: 'batch', service_ids: ['ml-platform'], expires_in_days: '30', expires_on: '' },
      ...{ scopes: ['experiment:read', 'gateway:invoke'], grants: 'named' },
      ...{ grant_experiments: '12:write\r\nteam-a/*:read', grant_endpoints: 'gpt-*', grant_models: '' },
      ...{ rate_limit_per_hour: '100', burst: '', searches_per_minute: '5', writes_per_minute: '' },
      allowed_ips: '192.0.2.7\r\n10.0.0.0/8',
    });
    expect([made.status, /class="secret"[^>]*>(hk_test_\w+)</.exec(made.text)?.[1]?.length]).toEqual([
      200, 57,
    ]);
    const key = await keyOf(id);
    expect(key).toMatchObject({
      ...{ name: 'nightly', user_id: 'ana', description: 'Trains the model', environment: 'staging' },
      ...{ service_id: 'batch', service_ids: ['batch', 'ml-platform'] },
      scopes: ['experiment:read', 'gateway:invoke'],
      grants: {
        experiments: [
          { id: '12', level: 'write' },
          { name: 'team-a/*', level: 'read' },
        ],
        endpoints: [{ name: 'gpt-*', level: 'invoke' }],
      },
      ...{ rate_limit_per_hour: 100, burst: null, searches_per_minute: 5, writes_per_minute: null },
      ...{ allowed_ips: ['192.0.2.7', '10.0.0.0/8'], created_by: 'admin:ana' },
    });
    const days = (Date.parse(key.expires_at ?? '') - Date.parse(key.created_at)) / 86_400_000;
    expect(days).toBeCloseTo(30, 4);
    expect(await detailsOf(id, 'key.created')).toMatchObject([{ actor: 'admin:ana' }]);
  });

  it('23: a form makes one key, however often it is sent, and one answer alone shows it', async () => {
    const form = filled((await open('keys/new')).text);
    const [first, second] = [
      await send('keys/new', { ...form, name: 'once' }),
      await send('keys/new', { ...form, name: 'once' }),
    ];
    const apiKey = /class="secret"[^>]*>(hk_live_\w+)</.exec(first.text)?.[1] ?? '';
    expect([first.status, second.status, second.text.includes(apiKey)]).toEqual([200, 409, false]);
    const { keys } = (await api<ListKeysResponse>('GET', '/keys?q=once')).body;
    expect(keys).toHaveLength(1);
    for (const path of ['keys', `keys/${keys[0]?.key_id}`, `keys/${keys[0]?.key_id}/edit`, 'keys/new'])
      expect([path, (await open(path)).text.includes(apiKey)]).toEqual([path, false]);
  });

  it('a summary says what the key will open, keeps the form for the next step and back, and makes nothing', async () => {
    const before = (await api<ListKeysResponse>('GET', '/keys')).body.total;
    const form: Fields = {
      ...filled((await open('keys/new')).text),
      ...{ name: '<i>summed up', description: 'a "quoted" text', user_id: 'ana', expires_in_days: '' },
      ...{
        scopes: ['experiment:read', 'admin'],
        grants: 'named',
        grant_experiments: '12:write\r\nteam-a/*:read',
      },
      ...{ rate_limit_per_hour: '20000', allowed_ips: '10.0.0.0/8' },
    };
    const summary = await send('keys/new/summary', form);
    expect(summary.status).toBe(200);
    for (const sentence of [
      '<h1><bdi>Create &lt;i>summed up?</bdi></h1>',
      'Sees experiments and their runs.',
      'Sees and changes the experiment with the id 12.',
      'Sees the experiments named “team-a/*”.',
      'It may manage MLflow itself.',
      'It never ends: it works until somebody revokes it.',
      '20,000',
      '10.0.0.0/8',
    ])
      expect(summary.text).toContain(sentence);
    expect(summary.text).not.toMatch(/hk_(?:live|test)_/);
    const sorted = (fields: Fields) =>
      Object.entries(fields)
        .map(([name, value]) => [name, [value].flat().sort()])
        .sort();
    const carried = filled(summary.text);
    expect(sorted(carried)).toEqual(sorted(form));
    const back = await send('keys/new/form', carried);
    expect([back.status, sorted(filled(back.text))]).toEqual([200, sorted(form)]);
    expect((await api<ListKeysResponse>('GET', '/keys')).body.total).toBe(before);
    const made = await send('keys/new', carried);
    expect([made.status, /class="secret"/.test(made.text)]).toEqual([200, true]);
    // Back, and once more: there is no other key.
    for (const path of ['keys/new/summary', 'keys/new'])
      expect([path, (await send(path, carried)).status]).toEqual([path, 409]);
    expect((await api<ListKeysResponse>('GET', '/keys')).body.total).toBe((before ?? 0) + 1);
  });

  it('23: a form that is sent several times at once makes one key, and the others are told so', async () => {
    const form = { ...filled((await open('keys/new')).text), name: 'all at once' };
    const replies = await Promise.all(Array.from({ length: 5 }, () => send('keys/new', form)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect((await api<ListKeysResponse>('GET', '/keys?q=all%20at%20once')).body.keys).toHaveLength(1);
  });

  it('a summary is refused for what could not be made, in the form', async () => {
    const form = { ...filled((await open('keys/new')).text), name: 'n' };
    for (const [fields, about] of [
      [{ name: ' ' }, 'name'],
      [{ service_id: 'nobody-registered-it' }, 'service_id'],
      [{ grants: 'named', grant_models: 'a:read' }, 'grants'],
    ] as const) {
      const { status, text } = await send('keys/new/summary', { ...form, ...fields });
      expect([about, status, text.includes(`href="#${about}"`), text.includes('Continue')]).toEqual([
        about,
        400,
        true,
        true,
      ]);
    }
  });

  it('what is wrong is told beside its field, with all that was filled in, and nothing is made', async () => {
    const before = (await api<ListKeysResponse>('GET', '/keys')).body.total;
    const { status, text } = await send('keys/new', {
      ...filled((await open('keys/new')).text),
      ...{ name: 'kept <b>', allowed_ips: '300.1.1.1', burst: '0', grants: 'named', grant_models: 'team-a' },
    });
    expect([status, text.match(/aria-invalid="true"/g)?.length]).toEqual([400, 1]);
    expect(text).toContain('must end in a level in line 1: :read, :write, :manage');
    expect(text).toContain('value="kept &lt;b>"');
    expect(text).toContain('300.1.1.1</textarea>');
    const again = await send('keys/new', { ...filled(text), grants: 'any' });
    expect(again.status).toBe(400);
    expect(again.text).toMatch(/id="burst"[^>]*aria-invalid="true"/);
    expect(again.text).toMatch(/id="allowed_ips"[^>]*aria-invalid="true"/);
    for (const [fields, words] of [
      [{ scopes: [] }, 'must have one at least'],
      [{ grants: 'named' }, 'cannot narrow mlflow:access'],
      [{ service_id: 'unheard-of' }, 'must be registered services'],
      [{ expires_on: '2001-01-01' }, 'must be in the future'],
    ] as const) {
      const refused = await send('keys/new', {
        ...filled((await open('keys/new')).text),
        name: 'n',
        ...(fields as Fields),
      });
      expect([refused.status, refused.text.includes(words)]).toEqual([400, true]);
    }
    expect((await api<ListKeysResponse>('GET', '/keys')).body.total).toBe(before);
  });

  const ODD = {
    name: '<img src=x onerror=alert(1)>\u05d0',
    user_id: `"'&amp;`,
    description: 'two  blanks',
    scopes: ['model:read', 'model:write'],
    service_ids: ['ml-platform', 'batch'],
    allowed_ips: ['192.0.2.7', '2001:db8::/32'],
    grants: { experiments: [{ name: '7', level: 'read' }], workspaces: ['a b'] },
    expires_in_days: 5,
    burst: 3,
  };
  it.each([
    ['a plain one', {}],
    ['an odd one', ODD],
  ])('a form that nobody touched changes nothing: %s', async (_title, fields) => {
    const key = await newKey(fields);
    const saved = await send(`keys/${key.key_id}/edit`, filled((await open(`keys/${key.key_id}/edit`)).text));
    expect([saved.status, saved.headers.location]).toEqual([303, `/console/keys/${key.key_id}`]);
    expect(await keyOf(key.key_id)).toEqual(key);
    expect(await detailsOf(key.key_id, 'key.updated')).toEqual([]);
  });

  it('29: an edit changes what was changed, and the audit log says that and who', async () => {
    const key = await newKey(ODD);
    const form = filled((await open(`keys/${key.key_id}/edit`)).text);
    const saved = await send(`keys/${key.key_id}/edit`, {
      ...form,
      ...{ name: 'renamed', description: '', burst: '', scopes: ['model:read'], grants: 'any' },
    });
    expect(saved.status).toBe(303);
    expect(await keyOf(key.key_id)).toEqual({
      ...key,
      ...{ name: 'renamed', description: null, burst: null, scopes: ['model:read'], grants: null },
    });
    const [entry, ...others] = await detailsOf(key.key_id, 'key.updated');
    expect([entry?.actor, others]).toEqual(['admin:ana', []]);
    expect(JSON.stringify(entry?.details)).not.toMatch(/allowed_ips|service_ids|expires_at/);
  });

  it('an edit of a key that was changed meanwhile is refused, and shows the key as it is', async () => {
    const key = await newKey();
    const form = filled((await open(`keys/${key.key_id}/edit`)).text);
    await api('PATCH', `/keys/${key.key_id}`, { scopes: ['model:read'] });
    const refused = await send(`keys/${key.key_id}/edit`, { ...form, name: 'too late' });
    expect([refused.status, refused.text.includes('Somebody has changed the key')]).toEqual([409, true]);
    expect(filled(refused.text)).toMatchObject({ name: ['a key'], scopes: ['model:read'] });
    expect(await keyOf(key.key_id)).toMatchObject({ name: 'a key', scopes: ['model:read'] });
  });

  it('an end may be earlier, and neither later nor taken away', async () => {
    const key = await newKey({ expires_in_days: 5 });
    const form = filled((await open(`keys/${key.key_id}/edit`)).text);
    const at = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16);
    for (const expires_at of ['', at(9), at(-1), 'soon'])
      expect([expires_at, (await send(`keys/${key.key_id}/edit`, { ...form, expires_at })).status]).toEqual([
        ...[expires_at, 400],
      ]);
    expect((await send(`keys/${key.key_id}/edit`, { ...form, expires_at: at(2) })).status).toBe(303);
    expect((await keyOf(key.key_id)).expires_at).toBe(`${at(2)}:00.000Z`);
  });

  it('services are listed, registered and removed, and one that active keys are for stays', async () => {
    expect((await send('services', { service_id: 'serving', description: 'of <models>' })).status).toBe(303);
    expect((await open('services')).text).toContain('of &lt;models>');
    const refusals = await Promise.all([
      send('services', { service_id: 'serving', description: '' }),
      send('services', { service_id: 'not an id', description: '' }),
      send('services', { service_id: '', description: '' }),
      send('services/batch/remove', {}),
      send('services/unheard-of/remove', {}),
    ]);
    expect(refusals.map(({ status }) => status)).toEqual([409, 400, 400, 409, 404]);
    expect(refusals[1]?.text).toContain('value="not an id"');
    expect((await send('services/serving/remove', {})).status).toBe(303);
    expect((await open('services')).text).not.toContain('serving');
    const { body } = await api<AuditResponse>('GET', '/audit?limit=2');
    expect(body.entries.map(({ action, actor }) => `${action} ${actor}`)).toEqual([
      ...['service.removed admin:ana', 'service.registered admin:ana'],
    ]);
  });
});

const unescaped = (text: string): string =>
  text.replace(
    /&(lt|gt|quot|amp|#39);/g,
    (_all, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" })[name] ?? '',
  );
