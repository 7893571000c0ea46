import { request, type IncomingHttpHeaders } from 'node:http';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';

export interface AccessSetup {
  readonly auth: FakeAuthService;
  readonly mlflow: RecordingUpstream;
  readonly gateway: TestGateway;
  close(): Promise<void>;
}

/**
 * A gateway in front of an upstream that records.
 *
 * @param keys what the auth service says of each valid key
 */
export async function startAccessSetup(
  keys: Readonly<Record<string, object>>,
  env: Record<string, string> = {},
): Promise<AccessSetup> {
  const auth = await startFakeAuthService();
  for (const [key, said] of Object.entries(keys)) auth.know(key, { valid: true, ...said });
  const mlflow = await startRecordingUpstream();
  const parts = { MLFLOW_SERVER_URL: mlflow.url, HOKUSAI_AUTH_SERVICE_URL: auth.url };
  const gateway = await startTestGateway({ ...parts, ...env });
  return {
    auth,
    mlflow,
    gateway,
    async close() {
      await gateway.close();
      await Promise.all([mlflow.close(), auth.close()]);
    },
  };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a path as it is written: fetch would tidy it up. */
export function ask(
  { url }: TestGateway,
  key: string,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const all = { authorization: `Bearer ${key}`, ...headers };
    const sent = request({ hostname, port, method, path, headers: all }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.on('error', reject).end();
  });
}
