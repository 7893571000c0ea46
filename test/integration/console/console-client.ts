import { request, type IncomingHttpHeaders } from 'node:http';

export const ANA = 'token-of-ana-of-the-tests';
export const BO = 'token-of-bo-of-the-tests';

/** Turns the console on, with two administrators. */
export const CONSOLE_ENV = {
  HOKUSAI_ADMIN_TOKEN: `ana:${ANA},bo:${BO}`,
  CONSOLE_SESSION_SECRETS: 'secret-of-the-console-of-the-tests-1',
};

export interface ConsoleReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What a browser sends with a form of the own pages. */
const OWN_FORM = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};

/** Sends exactly these headers; fetch would add some of its own. */
export function ask(
  url: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: object; body?: string } = {},
): Promise<ConsoleReply> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...headers }, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends a form as a browser does from a page of the console itself, or with other headers. */
export function post(
  url: string,
  fields: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
): Promise<ConsoleReply> {
  return ask(url, {
    method: 'POST',
    headers: {
      ...OWN_FORM,
      origin: new URL(url).origin,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body: new URLSearchParams(fields).toString(),
  });
}

/** Signs in. @returns the `Cookie` header of the session */
export async function signIn(url: string, token = ANA): Promise<string> {
  const { status, headers } = await post(`${url}/console/sign-in`, { token, next: '/console/keys' });
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  if (status !== 303 || cookie === '') throw new Error(`no session: ${status} ${headers.location}`);
  return cookie;
}
