import type { KeyUsageResponse } from '../../../src/contracts/usage/usage.js';
import { eventually } from '../../support/lib/eventually.js';
import { startWholeSystem, type WholeSystem } from '../../support/systems/whole-system.js';

describe('usage from the gateway to the reports of the key service', () => {
  let system: WholeSystem;

  beforeAll(async () => {
    system = await startWholeSystem();
  });

  afterAll(() => system?.close());

  it('is every request of the key, for any path', async () => {
    const { key_id: keyId, api_key: key } = await system.newKey();
    const ask = async (path: string): Promise<void> => {
      const response = await fetch(system.gateway.url + path, {
        headers: { authorization: `Bearer ${key}` },
      });
      await response.arrayBuffer();
    };
    const paths = [
      '/api/mlflow/api/2.0/mlflow/experiments/search?max_results=1',
      '/api/mlflow/api/2.0/mlflow/experiments/search?max_results=2',
      '/mlflow/health',
      `/api/mlflow/${'a'.repeat(1000)}`,
      `/api/mlflow/api/${'9'.repeat(1000)}.0/mlflow/x`,
      '/api/mlflow/%F0%9F%A4%96/%E2%80%AE',
    ];
    for (const path of paths) await ask(path);
    const usage = await eventually(async () => {
      const { body } = await system.keyService.call<KeyUsageResponse>('GET', `/keys/${keyId}/usage`);
      return body.total_requests >= paths.length && body;
    });
    expect(usage.total_requests).toBe(paths.length);
    expect(usage.last_used_by).toEqual([{ address: '127.0.0.1', at: expect.any(String) as string }]);
    const counts = usage.rows.map(({ endpoint, requests }) => [endpoint, requests]);
    expect(counts).toContainEqual(['GET /api/2.0/mlflow/experiments/search', 2]);
    expect(counts).toContainEqual(['GET /health', 1]);
    expect(counts).toContainEqual(['GET /{other}', 3]);
  });

  it('a revocation at the key service is acted on in under a second', async () => {
    const { key_id: keyId, api_key: key } = await system.newKey();
    const status = async (): Promise<number> => {
      const response = await fetch(`${system.gateway.url}/api/mlflow/health`, {
        headers: { authorization: `Bearer ${key}` },
      });
      await response.arrayBuffer();
      return response.status;
    };
    expect(await status()).toBe(200);
    const revoked = system.revoke(keyId);
    await eventually(async () => (await status()) === 401, { timeoutMs: 1000, intervalMs: 5 });
    await revoked;
  });
});
