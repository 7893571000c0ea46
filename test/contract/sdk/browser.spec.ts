import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { hasChromium, startChromium } from '../../support/browser/chromium-program.js';
import { eventually } from '../../support/lib/eventually.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordedRequest,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';
import { packSdk, run, type PackedSdk } from '../../support/programs/packed-sdk.js';

const KEY = 'hk_test_browser_0123456789abcdefghij';
const PAGE = `<!doctype html><pre id="out">loading</pre><script type="module">
  import { createMock, MlflowClient, ExperimentManager } from '/esm/sdk/index.js';
  const out = document.getElementById('out');
  try {
    const { experiments } = createMock();
    const run = await experiments.runs.start('0');
    await experiments.artifacts.upload(run, 'a.bin', new Blob([new Uint8Array(600000)]));
    const size = (await (await experiments.artifacts.download(run, 'a.bin')).bytes()).byteLength;
    const apiKey = '${KEY}';
    const mlflow = new MlflowClient({ apiKey, trackingUri: location.origin + '/api/mlflow' });
    const { experiments: found } = await mlflow.api.searchExperiments({ max_results: 1 });
    const real = new ExperimentManager(mlflow);
    const target = { runId: 'r', artifactUri: 'mlflow-artifacts:/0/r/artifacts' };
    const seen = [];
    await real.artifacts.upload(target, 'b.bin', new Blob([new Uint8Array(600000)]), { onProgress: (p) => seen.push(p.transferredBytes) });
    const retry = { maxRetries: 0 };
    const foreign = new MlflowClient({ apiKey, retry, trackingUri: 'GATEWAY/api/mlflow' });
    const refused = await foreign.api.searchExperiments({ max_results: 7 }).catch((error) => error.name);
    out.textContent = JSON.stringify({ size, name: found[0].name, seen, refused, node: typeof process });
  } catch (error) { out.textContent = String(error && error.stack); }
  await fetch('/done', { method: 'POST', body: out.textContent });
</script>`;

let packed: PackedSdk;
/** The host of the page, which passes the API's paths on to the gateway as a load balancer does. */
let server: RecordingUpstream;
let mlflow: RecordingUpstream;
let auth: FakeAuthService;
let gateway: TestGateway;
beforeAll(async () => {
  packed = await packSdk();
  mlflow = await startRecordingUpstream((_request, response) =>
    sendJson(response, 200, { experiments: [{ name: 'from the server' }] }),
  );
  auth = await startFakeAuthService();
  auth.know(KEY);
  gateway = await startTestGateway({ MLFLOW_SERVER_URL: mlflow.url, HOKUSAI_AUTH_SERVICE_URL: auth.url });
  server = await startRecordingUpstream(serve);
}, 300_000);
afterAll(async () => {
  await server?.close();
  await gateway?.close();
  await auth?.close();
  await mlflow?.close();
  await packed?.remove();
});

async function serve(request: RecordedRequest, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url, 'http://local');
  if (pathname === '/')
    return void response.setHeader('content-type', 'text/html').end(PAGE.replace('GATEWAY', gateway.url));
  if (pathname.endsWith('.js'))
    return void response
      .setHeader('content-type', 'text/javascript')
      .end(await readFile(join(packed.built, pathname)));
  if (!pathname.startsWith('/api/mlflow')) return void response.end();
  const { method, headers, body } = request;
  const passed = Object.entries(headers).filter(
    ([name]) => !['host', 'connection', 'content-length'].includes(name),
  );
  const answer = await fetch(gateway.url + request.url, {
    method,
    headers: passed.map(([name, value]): [string, string] => [name, String(value)]),
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
}

describe('the built SDK without Node', () => {
  // In CI a browser has to be there.
  (hasChromium() || process.env['CI'] ? it : it.skip)(
    'works in a real browser: in memory, by fetch with the key, and with uploads',
    async () => {
      const browser = await startChromium();
      const isDone = ({ url }: RecordedRequest): boolean => url === '/done';
      let done: RecordedRequest;
      try {
        await (await browser.newPage()).goto(`${server.url}/`);
        done = await eventually(() => server.requests.find(isDone), { timeoutMs: 50_000 });
      } finally {
        await browser.close();
      }
      expect(JSON.parse(done.body.toString())).toEqual({
        size: 600_000,
        name: 'from the server',
        seen: [600_000],
        // A page of another origin: the gateway allows none (CORS), and nothing reaches MLflow.
        refused: 'ConnectionError',
        node: 'undefined',
      });
      const search = server.requests.find(({ url }) => url.includes('experiments/search'));
      expect(search?.headers.authorization).toBe(`Bearer ${KEY}`);
      expect(mlflow.requests.map(({ method }) => method)).toEqual(['POST', 'PUT']);
      expect(mlflow.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
      const upload = server.requests.find(({ method }) => method === 'PUT');
      expect(upload?.url).toBe('/api/mlflow/api/2.0/mlflow-artifacts/artifacts/0/r/artifacts/b.bin');
      expect(upload?.body.length).toBe(600_000);
    },
  );

  it('loads and works in a context that has web globals alone', async () => {
    const script = new URL('./web-context.mjs', import.meta.url).pathname;
    const { stdout } = await run(process.execPath, [
      '--experimental-vm-modules',
      '--no-warnings',
      script,
      packed.built,
    ]);
    expect(JSON.parse(stdout)).toEqual({ text: 'hello', named: 'ConfigurationError', warned: 1 });
  });
});
