import { freePort } from '../../support/programs/free-port.js';
import { hokusai } from '../../support/programs/hokusai.js';
import { startRecordingUpstream } from '../../support/servers/recording-upstream.js';
import { TEST_ADMIN_TOKEN } from '../../support/systems/key-service.js';
import { useAuthHarness } from './auth-harness.js';

const harness = useAuthHarness();
const { auth } = harness;

describe('what is not there', () => {
  it('an admin token is asked for by name, before anything is sent', async () => {
    const { code, stderr } = await hokusai(['auth', 'list-keys'], {
      env: { HOKUSAI_AUTH_SERVICE_URL: harness.url },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Error: Admin token required: set HOKUSAI_ADMIN_TOKEN/);
  });

  it('a wrong admin token is refused with exit code 3', async () => {
    const { code, stderr } = await auth('list-keys', { HOKUSAI_ADMIN_TOKEN: 'wrong-token-of-good-length' });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^Error: Admin token required: the auth service does not know the admin token/);
    expect(stderr).not.toContain('wrong-token');
  });

  it('an admin token may come on standard input', async () => {
    const { code } = await hokusai(['auth', 'list-keys', '--admin-token-stdin', '--json'], {
      env: { HOKUSAI_AUTH_SERVICE_URL: harness.url },
      stdin: TEST_ADMIN_TOKEN,
    });
    expect(code).toBe(0);
  });

  it.each([
    'create-key --name x',
    'list-keys',
    'show-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11',
    'rotate-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11 --yes',
    'usage',
    'validate',
  ])('"%s" says first that the authentication service is unavailable, then what to do', async (line) => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    const busy = await startRecordingUpstream(
      (_request, response) => void response.writeHead(503).end('busy'),
    );
    try {
      for (const url of [closed, busy.url]) {
        const { code, stderr } = await auth(line, {
          HOKUSAI_AUTH_SERVICE_URL: url,
          HOKUSAI_API_KEY: 'hk_live_0123456789abcdef0123456789abcdef',
        });
        expect([line, code]).toEqual([line, 5]);
        expect(stderr).toMatch(/^Error: Authentication service unavailable[:,(].+/m);
      }
    } finally {
      await busy.close();
    }
  });

  it('a revocation that nobody answered says so, and that the key may still be valid', async () => {
    const { code, stderr } = await auth('revoke-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11 --yes', {
      HOKUSAI_AUTH_SERVICE_URL: `http://127.0.0.1:${await freePort()}`,
    });
    expect(code).toBe(5);
    expect(stderr).toMatch(/^Error: Authentication service unavailable.*may still be valid/m);
  });

  it('a service that is down gives exit code 5 and names the setting', async () => {
    const { code, stderr } = await auth('list-keys', {
      HOKUSAI_AUTH_SERVICE_URL: `http://127.0.0.1:${await freePort()}`,
    });
    expect(code).toBe(5);
    expect(stderr).toContain('ECONNREFUSED');
    expect(stderr).toContain('HOKUSAI_AUTH_SERVICE_URL');
  });

  it('a key that can travel in no header is told by where it comes from, not by its value', async () => {
    const { code, stderr } = await auth('validate', { HOKUSAI_API_KEY: '"hk_live_quoted"' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Error: The API key in HOKUSAI_API_KEY must be without the quotes/);
    expect(stderr).not.toContain('quoted"');
  });

  it.each([
    ['create-key', "Required option '--name <name>' not specified", 'hokusai auth create-key --help'],
    ['create-keys', "Unknown command 'create-keys' (Did you mean create-key?)", 'hokusai auth --help'],
    ['revoke-key', "Missing required argument 'key-id'", 'hokusai auth revoke-key --help'],
  ])('a wrong command line is told with where the right one is shown: %s', async (line, said, help) => {
    const plain = await auth(line);
    expect([plain.code, plain.stdout]).toEqual([2, '']);
    expect(plain.stderr).toContain(`Error: ${said}: run "${help}"`);
    const json = await auth(`${line} --json`);
    expect([json.code, json.stdout]).toEqual([2, '']);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { message: said, exit_code: 2 } });
  });

  it('a missing command is told by help, and by JSON with --json', async () => {
    expect((await hokusai(['auth'])).stderr).toContain('Usage: hokusai auth');
    const { code, stderr } = await hokusai(['auth', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: { message: 'A command is missing' } });
  });

  it('errors are JSON with --json', async () => {
    const { code, stdout, stderr } = await auth('show-key 0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11 --json');
    expect([code, stdout]).toEqual([4, '']);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { exit_code: 4, request_id: expect.any(String), next: expect.any(String) },
    });
  });
});

describe('an address that answers 200 to everything', () => {
  const ID = '0d7e5f1c-2f3b-4f6e-9a55-0c8d1f0f5b11';

  it.each(['', '{}', '[]', 'null', '"x"', '<html>'])(
    'with the body %j is never taken for the work done',
    async (body) => {
      const portal = await startRecordingUpstream((_request, response) => void response.end(body));
      try {
        const more = { HOKUSAI_AUTH_SERVICE_URL: portal.url };
        for (const line of [
          'create-key --name x',
          'list-keys',
          `show-key ${ID}`,
          `revoke-key ${ID} --yes`,
          `rotate-key ${ID} --yes`,
          'usage',
          `usage ${ID}`,
        ]) {
          const { code, stdout, stderr } = await auth(line, more);
          expect([line, code, stdout]).toEqual([line, 1, '']);
          expect(stderr).toMatch(/^Error: /);
          expect(stderr).not.toMatch(/Unexpected error|undefined|Created|Revoked|Rotated/);
        }
      } finally {
        await portal.close();
      }
    },
  );

  it('says of a key that was to be revoked that it may still be valid', async () => {
    const portal = await startRecordingUpstream();
    try {
      const { code, stderr } = await auth(`revoke-key ${ID} --yes`, { HOKUSAI_AUTH_SERVICE_URL: portal.url });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^Error: .*may still be valid.*may not be the key service.*HOKUSAI_AUTH_SERVICE_URL/,
      );
    } finally {
      await portal.close();
    }
  });
});
