import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startChild, workFolder, type ChildProgram } from '../lib/children.ts';
import { freePort, untilAnswers } from '../lib/poll.ts';
import { DIST } from '../lib/programs.ts';

export interface KeyService {
  readonly url: string;
  readonly child: ChildProgram;
  createKey(name: string): Promise<string>;
  stop(): Promise<unknown>;
}

export const KEY_SERVICE_PROGRAM = join(DIST, 'key-service', 'main.js');

// One for all starts on the same database: keys are stored under the pepper.
const ADMIN_TOKEN = randomBytes(24).toString('hex');
const PEPPER = randomBytes(32).toString('hex');

/** The key service as it is shipped, on the database of that URL. */
export async function startKeyService(databaseUrl: string): Promise<KeyService> {
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
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/health`, 'the key service', { child, status: 200 });
  return {
    url,
    child,
    async createKey(name) {
      const response = await fetch(`${url}/api/v1/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name, service_id: 'ml-platform' }),
      });
      if (response.status !== 201)
        throw new Error(`the key service answered ${response.status} to a creation`);
      return ((await response.json()) as { api_key: string }).api_key;
    },
    stop: () => child.stop('SIGINT'),
  };
}
