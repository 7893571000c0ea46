import { request as httpRequest } from 'node:http';
import type { Grants } from '../../../src/contracts/access/grants.js';
import { startFakeAuthService, type FakeAuthService } from '../servers/fake-auth-service.js';
import { startTestGateway, type TestGateway } from './gateway.js';
import { startRecordingRelay, type RecordingRelay } from '../servers/recording-relay.js';
import type { GatewayOptions } from '../../../src/gateway/gateway.app.js';

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  /** As JSON; the string itself if it is not JSON. */
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  /** Below the mount, as it stands in the request line. */
  readonly path: string;
  /** An object is sent as JSON, text and bytes as they are. */
  readonly body?: object | string | Buffer | undefined;
  /** Flat pairs may repeat a name. */
  readonly headers?: Record<string, string | string[]>;
  readonly chunked?: boolean;
}

/** A gateway between an auth service that answers as the test says and an MLflow whose requests are recorded. */
export interface GrantSystem {
  readonly auth: FakeAuthService;
  readonly relay: RecordingRelay;
  readonly gateway: TestGateway;
  /** Makes a key known, with limits that no test reaches. */
  know(key: string, scopes: readonly string[], grants: Grants | undefined): void;
  /** Sends a request as it is written: fetch would tidy it up. */
  ask(key: string, asked: Asked): Promise<Reply>;
  /** Sends one to MLflow itself, for what a test only prepares. */
  askMlflow(asked: Asked): Promise<Reply>;
  /** Requests that reached MLflow from clients since the last call; what the gateway itself asked is left out. */
  forwarded(): readonly string[];
  close(): Promise<void>;
}

/** @param mlflowUrl of a real MLflow, or of something that answers like one */
export async function startGrantSystem(
  mlflowUrl: string,
  env: Record<string, string> = {},
  options: Omit<GatewayOptions, 'logDestination'> = {},
): Promise<GrantSystem> {
  const auth = await startFakeAuthService();
  const relay = await startRecordingRelay(mlflowUrl);
  const gateway = await startTestGateway(
    {
      MLFLOW_SERVER_URL: relay.url,
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      RATE_LIMIT_SEARCHES_PER_MINUTE: '100000',
      RATE_LIMIT_WRITES_PER_MINUTE: '100000',
      ...env,
    },
    options,
  );
  return {
    auth,
    relay,
    gateway,
    know: (key, scopes, grants) =>
      auth.know(key, {
        valid: true,
        key_id: key.slice(0, 20),
        scopes: [...scopes],
        rate_limit_per_hour: 1_000_000,
        burst: 1_000_000,
        ...(grants && { grants }),
      }),
    ask: (key, asked) =>
      send(`${gateway.url}/mlflow${asked.path}`, asked, { authorization: `Bearer ${key}` }),
    askMlflow: (asked) => send(mlflowUrl + asked.path, asked),
    forwarded: () =>
      relay.requests
        .splice(0)
        // To what goes on to providers no `Via` is added.
        .filter(({ headers, url }) => headers.via !== undefined || url.startsWith('/gateway/'))
        .map(({ method, url }) => `${method} ${url}`),
    close: async () => {
      await gateway.close();
      await relay.close();
      await auth.close();
    },
  };
}

function send(
  url: string,
  { method = 'GET', body, headers, chunked }: Asked,
  credential: Record<string, string> = {},
): Promise<Reply> {
  const [, hostname, port, path] = /^http:\/\/([^:/]+):(\d+)(.*)$/s.exec(url) as string[];
  const bytes =
    body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const length = bytes === undefined || chunked ? {} : { 'content-length': String(Buffer.byteLength(bytes)) };
  const type = bytes === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        hostname,
        port,
        method,
        path,
        headers: { ...credential, ...type, ...length, ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed(text) }),
        );
      },
    );
    sent.on('error', reject).end(bytes);
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}
