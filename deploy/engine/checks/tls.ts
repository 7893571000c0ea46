import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { containers } from '../system.ts';
import { GUIDE, runGuide } from '../guide.ts';
import type { Check } from './check.ts';
import { keysAndRunsAreKept } from './clients.ts';

const URL_OF_TLS = 'https://localhost';

function statusOverTls(path: string, ca: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(URL_OF_TLS + path, { ca, timeout: 10_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .once('error', reject)
      .end();
  });
}

export const TLS_CHECKS: readonly Check[] = [
  {
    title: 'with compose.tls.yml, clients reach MLflow over HTTPS, and nothing but what they need',
    async run(system) {
      const setup = { files: ['compose.tls.yml'], env: { DOMAIN: 'localhost' }, gatewayUrl: URL_OF_TLS };
      system.use(setup);
      await runGuide(system, GUIDE.tls, { 'mlflow.example.com': 'localhost' });
      const caddy = (await containers(system)).get('tls') ?? '';
      const ca = await system.engine.docker([
        'exec',
        caddy,
        'cat',
        '/data/caddy/pki/authorities/local/root.crt',
      ]);
      const caFile = join(system.folder, 'tls-root.pem');
      writeFileSync(caFile, ca);
      system.use({ ...setup, clientEnv: { REQUESTS_CA_BUNDLE: caFile } });
      await keysAndRunsAreKept(system);
      assert.equal(await statusOverTls('/health', ca), 200);
      for (const path of ['/metrics', '/internal/keys/invalidate', '/health/detailed', '/', '/mlflowx'])
        assert.equal(await statusOverTls(path, ca), 404, path);
      await assert.rejects(
        fetch('http://127.0.0.1:8001/health'),
        'the gateway is no longer published itself',
      );
    },
  },
];
