import { join } from 'node:path';
import type { CreateKeyRequest, CreateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import { ROUTE_INVALIDATE } from '../../../src/contracts/http/routes.js';
import { freePort } from '../programs/free-port.js';
import { startTestGateway, type TestGateway } from './gateway.js';
import { startTestKeyService, type TestKeyService } from './key-service.js';
import { sharedMlflow } from '../mlflow/mlflow-server.js';
import { tempDir } from '../lib/temp-dir.js';

export interface WholeSystem {
  readonly gateway: TestGateway;
  readonly keyService: TestKeyService;
  readonly mlflowUrl: string;
  /** Makes a key as an administrator does. */
  newKey(fields?: Partial<CreateKeyRequest>): Promise<CreateKeyResponse>;
  revoke(keyId: string): Promise<void>;
  close(): Promise<void>;
}

const SERVICE_TOKEN = 'service-token-of-the-tests';
const GATEWAY_ADMIN_TOKEN = 'gateway-admin-token-of-the-tests';

/** Gateway and key service as `npm start` wires them, in this process, before a real MLflow of the run. */
export async function startWholeSystem(
  gatewayEnv: Record<string, string> = {},
  mlflow: () => Promise<{ url: string }> = sharedMlflow,
): Promise<WholeSystem> {
  const { url: mlflowUrl } = await mlflow();
  const { path: dir, remove } = await tempDir('keys');
  const port = await freePort();
  const keyService = await startTestKeyService({
    DATABASE_URL: `sqlite:///${join(dir, 'keys.sqlite')}`,
    SERVICE_TOKENS: SERVICE_TOKEN,
    GATEWAY_ADMIN_TOKEN,
    GATEWAY_INVALIDATE_URLS: `http://127.0.0.1:${port}${ROUTE_INVALIDATE}`,
  });
  const gateway = await startTestGateway({
    PORT: String(port),
    MLFLOW_SERVER_URL: mlflowUrl,
    HOKUSAI_AUTH_SERVICE_URL: keyService.url,
    HOKUSAI_AUTH_SERVICE_TOKEN: SERVICE_TOKEN,
    USAGE_REPORT_URL: `${keyService.url}/api/v1/usage`,
    GATEWAY_ADMIN_TOKEN,
    ...gatewayEnv,
  });
  return {
    gateway,
    keyService,
    mlflowUrl,
    async newKey(fields = {}) {
      const wanted = { name: 'a test', service_id: 'ml-platform', ...fields };
      const { status, body } = await keyService.call<CreateKeyResponse>('POST', '/keys', wanted);
      if (status !== 201) throw new Error(`no key: ${JSON.stringify(body)}`);
      return body;
    },
    async revoke(keyId) {
      await keyService.call('DELETE', `/keys/${keyId}`);
    },
    async close() {
      await gateway.close();
      await keyService.close();
      await remove();
    },
  };
}
