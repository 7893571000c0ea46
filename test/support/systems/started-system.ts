import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../programs/child-program.js';
import { eventually } from '../lib/eventually.js';
import { freePort } from '../programs/free-port.js';
import { sharedMlflow } from '../mlflow/mlflow-server.js';
import { tempDir } from '../lib/temp-dir.js';

/** The system as `npm start` runs it: its own processes, on ports and data of its own, before the run's MLflow. */
export interface StartedSystem {
  readonly gateway: { readonly url: string };
  readonly keyService: { readonly url: string };
  readonly adminToken: string;
  /** The key that the greeting showed. */
  readonly apiKey: string;
  /** MLflow itself, without a gateway. */
  readonly mlflowUrl: string;
  /** Holds `logs/` and `secrets/`. */
  readonly dataDir: string;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const READY_TIMEOUT_MS = 240_000;

/**
 * Starts key service and gateway by the script of `npm start`, before the run's MLflow: that it starts one of its own is
 * what e2e/npm-start shows.
 */
export async function startSystem(): Promise<StartedSystem> {
  const { url: mlflowUrl } = await sharedMlflow();
  const dir = await tempDir('started');
  const [gatewayPort, keyServicePort] = [await freePort(), await freePort()];
  const program = startProgram(process.execPath, [join(root, 'scripts/start.ts')], {
    cwd: root,
    env: {
      DATA_DIR: dir.path,
      PORT: String(gatewayPort),
      KEY_SERVICE_PORT: String(keyServicePort),
      MLFLOW_SERVER_URL: mlflowUrl,
    },
  });
  const close = async (): Promise<void> => {
    await program.stop('SIGINT');
    await dir.remove();
  };
  await eventually(() => program.output().includes('Ctrl-C stops'), {
    timeoutMs: READY_TIMEOUT_MS,
    what: 'the greeting of npm start',
    program,
  }).catch(async (error) => {
    await close();
    throw error;
  });
  return {
    gateway: { url: `http://127.0.0.1:${gatewayPort}` },
    keyService: { url: `http://127.0.0.1:${keyServicePort}` },
    adminToken: (await readFile(join(dir.path, 'secrets/admin-token'), 'utf8')).trim(),
    mlflowUrl,
    dataDir: dir.path,
    apiKey: /hk_dev_[A-Za-z0-9]+/.exec(program.output())?.[0] ?? '',
    close,
  };
}
