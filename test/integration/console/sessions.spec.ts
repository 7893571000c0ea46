import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';
import { ANA, ask, CONSOLE_ENV, post, signIn } from './console-client.js';

describe('sessions of the console', () => {
  let folder: TempDir;
  let service: TestKeyService;
  beforeAll(async () => {
    folder = await tempDir();
    service = await startTestKeyService({
      DATABASE_URL: `sqlite:///${folder.path}/keys.sqlite`,
      ...CONSOLE_ENV,
    });
  });
  afterAll(() => service?.close());

  const status = async (path: string, headers: Record<string, string>): Promise<number> =>
    (await ask(service.url + path, { headers })).status;

  it('27: no API takes the cookie, and no page the token', async () => {
    const cookie = await signIn(service.url);
    expect(await status('/console/keys', { cookie })).toBe(200);
    for (const path of ['/api/v1/keys', '/api/v1/audit', '/api/v1/services', '/api/v1/usage/series'])
      expect([path, await status(path, { cookie })]).toEqual([path, 401]);
    expect(await status('/console/keys', { authorization: `Bearer ${ANA}` })).toBe(303);
  });

  it.each([
    ['a page of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a page of a sibling host', { origin: 'https://a.example', 'sec-fetch-site': 'same-site' }],
    ['another port', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
    ['an origin that is none', { origin: 'null' }],
    ['a browser that says nothing of its origin', { origin: '' }],
  ])('27: a form of %s is refused, with or without a session, and does nothing', async (_from, headers) => {
    const cookie = await signIn(service.url);
    const { body } = await service.call<{ key_id: string }>(
      'POST',
      '/keys',
      { name: 'to be kept', service_id: 'ml-platform' },
      { authorization: `Bearer ${ANA}` },
    );
    for (const [path, fields] of [
      ['/console/sign-in', { token: ANA, next: '/console/keys' }],
      ['/console/sign-out', {}],
      ['/console/keys/new', { id: body.key_id, name: 'n', service_id: 'ml-platform' }],
      [`/console/keys/${body.key_id}/rotate`, { overlap_seconds: '0' }],
      ['/console/revoke', { id: body.key_id }],
    ] as const)
      expect([path, (await post(service.url + path, fields, { cookie, ...headers })).status]).toEqual([
        path,
        403,
      ]);
    expect(await status('/console/keys', { cookie })).toBe(200);
    const after = await service.call('GET', `/keys/${body.key_id}`, undefined, {
      authorization: `Bearer ${ANA}`,
    });
    expect(after.body).toMatchObject({ is_active: true, rotated_to_id: null });
  });

  it('a sign-in is logged with the name of the token, and without token and cookie', async () => {
    const before = service.logs.of('console_signed_in').length;
    const cookie = await signIn(service.url);
    const events = service.logs.of('console_signed_in').slice(before);
    expect(events).toEqual([
      expect.objectContaining({ admin: 'ana', client_ip: '127.0.0.1', level: 'info' }),
    ]);
    const text = JSON.stringify(events);
    expect(text).not.toContain(ANA);
    expect(text).not.toContain(cookie.split('=')[1]);
  });

  it('without a session every page leads to the sign-in, which leads back', async () => {
    const { headers } = await ask(`${service.url}/console/keys?q=night`);
    expect(headers.location).toBe('/console/sign-in?next=%2Fconsole%2Fkeys%3Fq%3Dnight');
    const form = await ask(`${service.url}${headers.location}`);
    expect(form.text).toContain('name="next" value="/console/keys?q=night"');
    for (const next of ['https://evil.example', '//evil.example', '/console//evil.example', '/consolex'])
      expect((await post(`${service.url}/console/sign-in`, { token: ANA, next })).headers.location).toBe(
        '/console',
      );
  });

  it('wrong tokens begin no session, are told apart from good ones by no page, and are limited by address', async () => {
    const answers = new Set<string | undefined>();
    for (let attempt = 0; attempt < 30; attempt++)
      answers.add(
        (await post(`${service.url}/console/sign-in`, { token: `wrong-${attempt}` })).headers.location,
      );
    expect([...answers]).toEqual([
      '/console/sign-in?why=refused&next=%2Fconsole',
      '/console/sign-in?why=limited&next=%2Fconsole',
    ]);
    expect((await ask(`${service.url}/console/sign-in?why=limited`)).status).toBe(429);
  });
});

it.each([
  ['without CONSOLE_SESSION_SECRETS there is no console', '', 404],
  ['with it there is one', CONSOLE_ENV.CONSOLE_SESSION_SECRETS, 303],
])('%s', async (_title, secrets, expected) => {
  const folder = await tempDir();
  const env = { ...CONSOLE_ENV, CONSOLE_SESSION_SECRETS: secrets };
  const service = await startTestKeyService({ DATABASE_URL: `sqlite:///${folder.path}/keys.sqlite`, ...env });
  try {
    for (const path of ['/console', '/console/keys', '/console/keys/new', '/console/revoke'])
      expect([path, (await ask(service.url + path)).status]).toEqual([path, expected]);
    const signingIn = await post(`${service.url}/console/sign-in`, { token: ANA, next: '/console/keys' });
    expect(signingIn.status).toBe(expected);
  } finally {
    await service.close();
  }
});
