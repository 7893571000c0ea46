import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  startRecordingUpstream,
  type RecordedRequest,
  type RecordingUpstream,
} from '../../support/recording-upstream.js';
import { packSdk, run, type PackedSdk } from './packed-sdk.js';

const PAGE = `<!doctype html><pre id="out">loading</pre><script type="module">
  import { createMock, MlflowClient, ExperimentManager } from '/esm/sdk/index.js';
  const out = document.getElementById('out');
  try {
    const { experiments } = createMock();
    const run = await experiments.runs.start('0');
    await experiments.artifacts.upload(run, 'a.bin', new Blob([new Uint8Array(600000)]));
    const size = (await (await experiments.artifacts.download(run, 'a.bin')).bytes()).byteLength;
    const mlflow = new MlflowClient({ apiKey: 'hk_test_browser', trackingUri: location.origin + '/api/mlflow' });
    const { experiments: found } = await mlflow.api.searchExperiments({ max_results: 1 });
    const real = new ExperimentManager(mlflow);
    const target = { runId: 'r', artifactUri: 'mlflow-artifacts:/0/r/artifacts' };
    const seen = [];
    await real.artifacts.upload(target, 'b.bin', new Blob([new Uint8Array(600000)]), { onProgress: (p) => seen.push(p.transferredBytes) });
    out.textContent = JSON.stringify({ size, name: found[0].name, seen, node: typeof process });
  } catch (error) { out.textContent = String(error && error.stack); }
  await fetch('/done', { method: 'POST', body: out.textContent });
</script>`;

const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);

let packed: PackedSdk;
let server: RecordingUpstream;
beforeAll(async () => {
  packed = await packSdk();
  server = await startRecordingUpstream(serve);
}, 300_000);
afterAll(async () => {
  await server?.close();
  await packed?.remove();
});

async function serve(request: RecordedRequest, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url, 'http://local');
  if (pathname === '/') return void response.setHeader('content-type', 'text/html').end(PAGE);
  if (pathname.endsWith('.js'))
    return void response
      .setHeader('content-type', 'text/javascript')
      .end(await readFile(join(packed.built, pathname)));
  response.setHeader('content-type', 'application/json').end('{"experiments":[{"name":"from the server"}]}');
}

describe('the built SDK without Node', () => {
  (chromium ? it : it.skip)(
    'works in a real browser: in memory, by fetch with the key, and with uploads',
    async () => {
      const { remove, path } = await (await import('../../support/temp-dir.js')).tempDir('chromium');
      const flags = [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        `--user-data-dir=${path}`,
        '--virtual-time-budget=20000',
      ];
      await run(chromium ?? '', [...flags, '--dump-dom', `${server.url}/`], { timeout: 60_000 });
      await remove();
      const done = server.requests.find(({ url }) => url === '/done');
      expect(JSON.parse(done?.body.toString() ?? '')).toEqual({
        size: 600_000,
        name: 'from the server',
        seen: [600_000],
        node: 'undefined',
      });
      const search = server.requests.find(({ url }) => url.includes('experiments/search'));
      expect(search?.headers.authorization).toBe('Bearer hk_test_browser');
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
