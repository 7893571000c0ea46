import { adminEnv } from '../../support/programs/hokusai-env.js';
import { hokusai, type CliResult } from '../../support/programs/hokusai.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

/** The commands of `hokusai auth` as an administrator of a key service runs them. */
export interface AuthHarness {
  /** Of the key service. */
  readonly url: string;
  /** Runs `hokusai auth` with the words of a line. */
  auth(line: string, moreEnv?: Record<string, string>): Promise<CliResult>;
  /** The administrator's environment. */
  readonly env: Record<string, string>;
}

/** Starts a key service before the tests of a file, and ends it after them. */
export function useAuthHarness(): AuthHarness {
  let dir: TempDir;
  let service: TestKeyService;
  beforeAll(async () => {
    dir = await tempDir('keys');
    service = await startTestKeyService({ DATABASE_URL: `sqlite:///${dir.path}/keys.db` });
  });
  afterAll(async () => {
    await service?.close();
    await dir?.remove();
  });
  const env = (): Record<string, string> => adminEnv({ keyService: service });
  return {
    get url() {
      return service.url;
    },
    auth: (line, moreEnv = {}) => hokusai(['auth', ...line.split(' ')], { env: { ...env(), ...moreEnv } }),
    get env() {
      return env();
    },
  };
}
