import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { loadGatewayConfigs } from '../../src/gateway/config/gateway-config.module.js';
import { loadKeyServiceConfigs } from '../../src/key-service/config/key-service-config.module.js';
import { packSdk, type PackedSdk } from '../support/programs/packed-sdk.js';
import { eventually } from '../support/lib/eventually.js';
import { freePort } from '../support/programs/free-port.js';
import { runPython } from '../support/programs/python-client.js';
import { tempDir, type TempDir } from '../support/lib/temp-dir.js';
import { startWholeSystem, type WholeSystem } from '../support/systems/whole-system.js';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
const run = promisify(execFile);
const read = (path: string): Promise<string> => readFile(join(EXAMPLES, path), 'utf8');

describe('each example works as it is', () => {
  let system: WholeSystem;
  let dir: TempDir;
  let apiKey: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    system = await startWholeSystem();
    dir = await tempDir('examples');
    apiKey = (await system.newKey()).api_key;
    env = {
      PATH: process.env['PATH'] ?? '',
      MLFLOW_TRACKING_URI: `${system.gateway.url}/api/mlflow`,
      MLFLOW_TRACKING_TOKEN: apiKey,
    };
  }, 300_000);
  afterAll(async () => {
    await system?.close();
    await dir?.remove();
  });

  it('python/log_run.ipynb logs a run and reads it back', async () => {
    const { cells } = JSON.parse(await read('python/log_run.ipynb')) as {
      cells: { cell_type: string; source: string[] }[];
    };
    const code = cells.filter(({ cell_type }) => cell_type === 'code').map(({ source }) => source.join(''));
    const { code: exitCode, output } = await runPython(code.join('\n'), {
      url: system.gateway.url,
      token: apiKey,
      cwd: dir.path,
    });
    expect([exitCode, output]).toEqual([0, expect.stringMatching(/logged run [0-9a-f]{32}/)]);
    expect(output).toMatch(/'depth': '6'.*\{'loss': 0\.42\}/);
    expect(output).toContain('the best one so far');
  });

  it('curl/log-run.sh logs a run, and no process shows the key', async () => {
    const { stdout, stderr } = await run('bash', ['-x', join(EXAMPLES, 'curl/log-run.sh')], { env });
    const runId = /logged run ([0-9a-f]{32})/.exec(stdout)?.[1];
    const answer = await fetch(`${system.gateway.url}/api/mlflow/api/2.0/mlflow/runs/get?run_id=${runId}`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    expect(await answer.json()).toMatchObject({
      run: {
        info: { status: 'FINISHED' },
        data: { metrics: [{ key: 'auc', value: 0.91 }], params: [{ key: 'depth', value: '6' }] },
      },
    });
    const started = stderr.split('\n').filter((line) => /^\++ (?:curl|python3|date) /.test(line));
    expect(started.length).toBeGreaterThan(4);
    expect(started.join('\n')).not.toContain(apiKey);
  });

  it('curl/log-run.sh names the variable that is missing', async () => {
    const { MLFLOW_TRACKING_TOKEN: _, ...without } = env;
    await expect(run('bash', [join(EXAMPLES, 'curl/log-run.sh')], { env: without })).rejects.toMatchObject({
      stderr: expect.stringContaining('MLFLOW_TRACKING_TOKEN: set it to your API key'),
    });
  });

  it('typescript/log-run.ts logs a run and reads its file', async () => {
    const sdk: PackedSdk = await packSdk();
    try {
      await cp(join(EXAMPLES, 'typescript/log-run.ts'), join(sdk.consumer, 'log-run.mts'));
      const { stdout } = await run(process.execPath, ['log-run.mts'], { cwd: sdk.consumer, env });
      expect(stdout).toMatch(/^logged run [0-9a-f]{32}: the best one so far$/m);
    } finally {
      await sdk.remove();
    }
  });

  it('nginx/mlflow.conf ends TLS, passes clients of MLflow on, and keeps the rest inside', async () => {
    const folder = join(dir.path, 'nginx');
    await mkdir(folder);
    const port = await freePort();
    const subject = ['-subj', '/CN=mlflow.example.com', '-days', '2', '-nodes'];
    const files = ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')];
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...files]);
    const site = (await read('nginx/mlflow.conf'))
      .replace('server 127.0.0.1:8001;', `server ${new URL(system.gateway.url).host};`)
      .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
      .replaceAll('/etc/nginx/tls/', `${folder}/`);
    await writeFile(
      join(folder, 'nginx.conf'),
      `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;\n` +
        `events {}\nhttp {\naccess_log off;\n` +
        ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
          .map((n) => `${n}_temp_path ${folder};\n`)
          .join('') +
        `${site}}\n`,
    );
    const nginx = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]);
    try {
      const url = `https://127.0.0.1:${port}`;
      const ask = async (path: string, ...more: string[]): Promise<string> => {
        const status = ['--output', '/dev/null', '--write-out', '%{http_code}'];
        return (await run('curl', ['--silent', '--insecure', ...status, ...more, url + path])).stdout;
      };
      await eventually(async () => (await ask('/health')) === '200', { what: 'nginx' });
      expect(await ask('/api/mlflow/api/2.0/mlflow/experiments/search?max_results=1')).toBe('401');
      for (const path of ['/metrics', '/internal/keys/invalidate', '/health/detailed', '/', '/mlflowx'])
        expect([path, await ask(path)]).toEqual([path, '404']);
      const { code, output } = await runPython(
        "import mlflow\nwith mlflow.start_run() as run:\n  mlflow.log_text('x' * 3_000_000, 'big.txt')\n" +
          "print(len(mlflow.artifacts.load_text(f'runs:/{run.info.run_id}/big.txt')))",
        {
          token: apiKey,
          cwd: dir.path,
          env: { MLFLOW_TRACKING_URI: `${url}/api/mlflow`, MLFLOW_TRACKING_INSECURE_TLS: 'true' },
        },
      );
      expect([code, output]).toEqual([0, expect.stringContaining('3000000')]);
    } finally {
      nginx.kill();
      await once(nginx, 'close');
    }
  });

  it('compose/compose.yml starts programs that take its settings, each with its own secrets', async () => {
    await run(process.execPath, [join(EXAMPLES, '../docker/make-secrets.mjs'), dir.path]);
    const { services } = parse(await read('compose/compose.yml')) as {
      services: Record<'gateway' | 'key-service', { environment: Record<string, string> }>;
    };
    const environment = (name: keyof typeof services): Record<string, string> =>
      Object.fromEntries(
        Object.entries(services[name].environment).map(([key, value]) => [
          key,
          value.replace('/run/secrets', `${dir.path}/secrets`),
        ]),
      );
    const gateway = environment('gateway');
    const unset = /\$\{MLFLOW_SERVER_URL:-(.+)\}/.exec(gateway['MLFLOW_SERVER_URL'] ?? '')?.[1] ?? '';
    expect(loadGatewayConfigs({ ...gateway, MLFLOW_SERVER_URL: unset }).mlflow.serverUrl).toContain(':5000');
    expect(() => loadKeyServiceConfigs({ HOST: '0.0.0.0' })).toThrow();
    const service = loadKeyServiceConfigs(environment('key-service'));
    expect(JSON.stringify(service)).toContain('http://gateway:8001/internal/keys/invalidate');
    expect(gateway).not.toHaveProperty('HOKUSAI_ADMIN_TOKEN_FILE');
  });
});
