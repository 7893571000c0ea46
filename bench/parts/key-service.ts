import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startChild, workFolder, type ChildProgram } from '../lib/children.ts';
import { freePort, untilAnswers } from '../lib/poll.ts';
import { DIST } from '../lib/programs.ts';

export interface CreatedKey {
  readonly key_id: string;
  readonly api_key: string;
}

export interface KeyService {
  readonly url: string;
  readonly child: ChildProgram;
  createKey(name: string): Promise<string>;
  /** Creates a key from fields of `POST /api/v1/keys`. */
  create(fields: object): Promise<CreatedKey>;
  revoke(keyId: string): Promise<void>;
  stop(): Promise<unknown>;
}

export const KEY_SERVICE_PROGRAM = join(DIST, 'key-service', 'main.js');

// One for all starts on the same database: keys are stored under the pepper.
export const ADMIN_TOKEN = randomBytes(24).toString('hex');
const PEPPER = randomBytes(32).toString('hex');

/**
 * The key service as it is shipped, on the database of that URL.
 *
 * @param more of the environment
 */
export async function startKeyService(
  databaseUrl: string,
  more: Record<string, string> = {},
): Promise<KeyService> {
  const port = await freePort();
  const child = startChild(process.execPath, [KEY_SERVICE_PROGRAM], {
    cwd: workFolder('key-service'),
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      HOKUSAI_ADMIN_TOKEN: ADMIN_TOKEN,
      KEY_PEPPER: PEPPER,
      TRUSTED_VALIDATORS: '127.0.0.0/8',
      ...more,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/health`, 'the key service', { child, status: 200 });
  const ask = (path: string, init: RequestInit): Promise<Response> =>
    fetch(`${url}/api/v1/keys${path}`, {
      ...init,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    });
  const create = async (fields: object): Promise<CreatedKey> => {
    const body = JSON.stringify({ service_id: 'ml-platform', ...fields });
    const response = await ask('', { method: 'POST', body });
    if (response.status !== 201) throw new Error(`the key service answered ${response.status} to a creation`);
    return (await response.json()) as CreatedKey;
  };
  return {
    url,
    child,
    create,
    createKey: async (name) => (await create({ name })).api_key,
    async revoke(keyId) {
      const { status } = await ask(`/${keyId}`, { method: 'DELETE' });
      if (status !== 204) throw new Error(`the key service answered ${status} to a revocation`);
    },
    stop: () => child.stop('SIGINT'),
  };
}
