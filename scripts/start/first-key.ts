import { StartError } from './terminal.ts';

/** How long a key from `npm start` is valid. */
export const KEY_DAYS = 30;
const TIMEOUT_MS = 10_000;

/**
 * Makes a key through the auth service's REST interface, as any administrator does.
 *
 * @returns the key, which is shown this once
 * @throws StartError with the service's own words where it refuses
 */
export async function makeKey(authServiceUrl: string, adminToken: string): Promise<string> {
  const response = await post(`${authServiceUrl}/api/v1/keys`, adminToken, {
    name: 'npm start',
    service_id: 'ml-platform',
    environment: 'development',
    expires_in_days: KEY_DAYS,
  });
  const body = (await response.json().catch(() => ({}))) as { api_key?: unknown; message?: unknown };
  if (response.status === 201 && typeof body.api_key === 'string') return body.api_key;
  const words = typeof body.message === 'string' ? `: ${body.message}` : '';
  throw new StartError(`The auth service made no key, it answered ${response.status}${words}`);
}

async function post(url: string, adminToken: string, body: object): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new StartError(`The auth service made no key, it could not be reached (${(error as Error).name}).`);
  }
}
