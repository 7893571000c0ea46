import { request, type IncomingHttpHeaders } from 'node:http';
import { startWholeSystem, type WholeSystem } from '../support/systems/whole-system.js';

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Without the key. */
  anonymous?: boolean;
}

/** What a real MLflow does that a gateway in front of it can get wrong. */
describe('a real MLflow behind the gateway', () => {
  let system: WholeSystem;
  let apiKey: string;
  let experimentId: string;

  beforeAll(async () => {
    system = await startWholeSystem();
    apiKey = (await system.newKey()).api_key;
    const made = await ask('/api/mlflow/api/2.0/mlflow/experiments/create', json({ name: 'traps' }));
    experimentId = (JSON.parse(made.text) as { experiment_id: string }).experiment_id;
  }, 300_000);

  afterAll(() => system?.close());

  const json = (body: object, headers: Record<string, string> = {}): Ask => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

  /** Sends the path as it is written: fetch would tidy it up, and set Host itself. */
  function ask(
    path: string,
    { method = 'GET', headers = {}, body, anonymous = false }: Ask = {},
  ): Promise<Reply> {
    const { hostname, port } = new URL(system.gateway.url);
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          hostname,
          port,
          path,
          method,
          headers: {
            ...(!anonymous && { authorization: `Bearer ${apiKey}` }),
            ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      sent.on('error', reject).end(body);
    });
  }

  const SEARCH = '/api/2.0/mlflow/experiments/search?max_results=1';

  it('takes requests that came for any public host name', async () => {
    for (const host of ['registry.example', 'registry.example:8443', '203.0.113.9'])
      expect((await ask(`/api/mlflow${SEARCH}`, { headers: { host } })).status).toBe(200);
    const direct = { headers: { host: 'registry.example' } };
    const { hostname, port } = new URL(system.mlflowUrl);
    const status = await new Promise((resolve, reject) => {
      const sent = request({ hostname, port, path: SEARCH, ...direct }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end();
    });
    expect(status).toBe(403);
  });

  it('takes writes of its UI, whose Origin it does not know', async () => {
    const body = { experiment_id: experimentId, key: 'from', value: 'ui' };
    const path = '/mlflow/ajax-api/2.0/mlflow/experiments/set-experiment-tag';
    const headers = { origin: 'https://registry.example', referer: 'https://registry.example/mlflow/' };
    expect((await ask(path, json(body, headers))).status).toBe(200);
  });

  it.each(['/api', '/ajax-api'])('serves the dialect %s on both mounts', async (dialect) => {
    for (const mount of ['/api/mlflow', '/mlflow'])
      expect((await ask(`${mount}${dialect}/2.0/mlflow/experiments/search?max_results=1`)).status).toBe(200);
  });

  it.each([
    '/mlflow//api/2.0/mlflow/experiments/search',
    '/mlflow/api/2.0/mlflow/experiments%2Fsearch',
    '/mlflow/api/2.0/mlflow/experiments/%73earch',
  ])('is guarded and reached alike where a path is spelled otherwise: %s', async (path) => {
    expect((await ask(`${path}?max_results=1`, { anonymous: true })).status).toBe(401);
    const { status, text } = await ask(`${path}?max_results=1`);
    expect(status).toBe(200);
    expect(text).toContain('"experiments"');
  });

  it('redirects a doubled slash to a place that leads back through the gateway', async () => {
    const { status, headers } = await ask('/api/mlflow/api//2.0/mlflow/experiments/search?max_results=1', {
      headers: { host: 'registry.example' },
    });
    expect(status).toBe(308);
    expect(headers.location).toBe('/api/mlflow/api/2.0/mlflow/experiments/search?max_results=1');
    expect((await ask(headers.location ?? '')).status).toBe(200);
  });

  it('says of an unknown endpoint what it says itself', async () => {
    const path = '/api/2.0/mlflow/no-such-endpoint';
    const direct = await fetch(system.mlflowUrl + path);
    const { status, text, headers } = await ask(`/api/mlflow${path}`);
    expect([status, text]).toEqual([404, await direct.text()]);
    expect(headers['content-type']).toBe(direct.headers.get('content-type'));
  });

  it.each(['/mlflow/', '/api/mlflow/'])(
    'serves its UI below %s, whose files are found relative to it',
    async (mount) => {
      const page = await ask(mount);
      expect([page.status, page.headers['x-frame-options']]).toEqual([200, 'SAMEORIGIN']);
      const file = /(?:src|href)="((?!https?:|\/)[^"]+\.(?:js|css))"/.exec(page.text)?.[1] ?? '';
      expect(file).not.toBe('');
      const found = await ask(new URL(file, `http://h${mount}`).pathname);
      expect([found.status, found.text.length > 1000]).toEqual([200, true]);
      expect(found.headers['cache-control'] ?? 'private').not.toMatch(/public|s-maxage/);
      expect((await ask(mount, { anonymous: true })).status).toBe(401);
    },
  );

  it.each(['/mlflow', '/api/mlflow'])(
    'sends %s to its slash form, without which the UI finds none of its files',
    async (mount) => {
      const { status, headers } = await ask(`${mount}?a=1`);
      expect([status, headers.location]).toEqual([308, `${mount}/?a=1`]);
    },
  );

  it('keeps artifacts of 0 bytes, parts of artifacts, and uploads that wait for 100 Continue', async () => {
    const at = '/mlflow/api/2.0/mlflow-artifacts/artifacts/traps';
    expect((await ask(`${at}/empty.bin`, { method: 'PUT', body: '' })).status).toBe(200);
    const empty = await ask(`${at}/empty.bin`);
    expect([empty.status, empty.text]).toEqual([200, '']);

    const expecting = { method: 'PUT', headers: { expect: '100-continue' }, body: '0123456789' };
    expect((await ask(`${at}/ten.bin`, expecting)).status).toBe(200);
    const part = await ask(`${at}/ten.bin`, { headers: { range: 'bytes=2-4' } });
    const direct = await fetch(`${system.mlflowUrl}/api/2.0/mlflow-artifacts/artifacts/traps/ten.bin`, {
      headers: { range: 'bytes=2-4' },
    });
    expect([part.status, part.text]).toEqual([direct.status, await direct.text()]);
    expect(part.headers['content-range'] ?? null).toBe(direct.headers.get('content-range'));
    expect(part.headers.etag ?? null).toBe(direct.headers.get('etag'));
  });

  it('takes headers and addresses of 60 KB: its own server has room for 64', async () => {
    const big = 'x'.repeat(60_000);
    expect((await ask(`/mlflow${SEARCH}`, { headers: { 'x-big': big } })).status).toBe(200);
    expect((await ask(`/mlflow${SEARCH}&unused=${big}`)).status).toBe(200);
  });

  it('takes a repeated query parameter as the list that it is', async () => {
    const path = '/mlflow/api/2.0/mlflow/metrics/get-history-bulk-interval';
    const ids = ['a', 'b'].map((c) => `run_ids=${c.repeat(32)}`).join('&');
    const query = `?${ids}&metric_key=loss&max_results=5`;
    const direct = await fetch(
      `${system.mlflowUrl}${path.replace('/mlflow', '').replace('/api/', '/ajax-api/')}${query}`,
    );
    const through = await ask(`${path.replace('/api/', '/ajax-api/')}${query}`);
    expect([through.status, through.text]).toEqual([direct.status, await direct.text()]);
  });

  it('answers GraphQL, traces by OTLP, and its version, only to a key', async () => {
    const graphql = json({ operationName: 'None', query: 'query None { __typename }' });
    for (const [path, how] of [
      ['/mlflow/graphql', graphql],
      ['/mlflow/ajax-api/2.0/mlflow/graphql', graphql],
      [
        '/mlflow/v1/traces',
        { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: '' },
      ],
      ['/mlflow/version', {}],
      ['/mlflow/health', {}],
      ['/mlflow/get-artifact?path=x&run_uuid=y', {}],
    ] as [string, Ask][]) {
      expect([path, (await ask(path, { ...how, anonymous: true })).status]).toEqual([path, 401]);
      const through = await ask(path, how);
      const direct = await fetch(system.mlflowUrl + path.replace('/mlflow', ''), {
        method: how.method ?? 'GET',
        headers: how.headers ?? {},
        ...(how.body !== undefined && { body: how.body as string }),
      });
      expect([path, through.status]).toEqual([path, direct.status]);
      expect(through.headers['content-type']).toBe(direct.headers.get('content-type') ?? undefined);
    }
  });

  it('never sees a call of its assistant, which can run commands on its host', async () => {
    for (const path of ['/ajax-api/3.0/mlflow/assistant/config', '/ajax-api/3.0/mlflow/%61ssistant/config']) {
      const { status, text } = await ask(`/mlflow${path}`, { headers: { 'x-forwarded-for': '127.0.0.1' } });
      expect(status).toBe(403);
      expect(text).toContain('PERMISSION_DENIED');
    }
  });
});
