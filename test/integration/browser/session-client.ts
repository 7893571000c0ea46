import { request, type IncomingHttpHeaders } from 'node:http';
import { startAuthSetup, type AuthSetup, type AuthSetupOptions } from '../auth/setup.js';
import { sendJson, type RecordedRequest } from '../../support/servers/recording-upstream.js';

export const SECRET = 'a-secret-of-sessions-of-the-tests';

/** The page that MLflow 3.17 serves at its root. */
export const SHELL =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"/><title>MLflow</title></head><body></body></html>';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Sends exactly these headers; fetch would add some of its own. */
export function ask(url: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: whole,
          text: whole.toString('utf8'),
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** What a browser sends with an address that is typed, and with a link from the own site. */
export const NAVIGATION = {
  'sec-fetch-site': 'none',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
};

/** What it sends with the calls of a page's own script. */
export const OWN_FETCH = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
};

/** Signs in as the form does. */
export function postKey(
  url: string,
  key: string,
  { next = '/mlflow/', headers = {} }: { next?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
  return ask(`${url}/mlflow/sign-in`, {
    method: 'POST',
    headers: {
      ...NAVIGATION,
      'sec-fetch-site': 'same-origin',
      origin: new URL(url).origin,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body: new URLSearchParams({ next, key, username: 'MLflow API key' }).toString(),
  });
}

/** The `Cookie` header that a browser would send after an answer. */
export function cookieOf(reply: Reply): string {
  return reply.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** Signs in and returns the `Cookie` header of the session. */
export async function signIn(
  url: string,
  key: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const reply = await postKey(url, key, { headers });
  if (reply.status !== 303 || cookieOf(reply) === '')
    throw new Error(`no session: ${reply.status} ${reply.headers.location}`);
  return cookieOf(reply);
}

/** A gateway with browser sessions between a fake auth service and an upstream that answers as MLflow's UI does. */
export async function startSessionSetup(options: AuthSetupOptions = {}): Promise<AuthSetup> {
  const setup = await startAuthSetup({ ...options, env: { SESSION_SECRETS: SECRET, ...options.env } });
  setup.mlflow.answer(({ url }: RecordedRequest, response) => {
    if (url !== '/') return sendJson(response, 200, { at: url });
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      etag: '"1"',
      'cache-control': 'no-cache',
    });
    response.end(SHELL);
  });
  return setup;
}
