import { startLoad, type LoadReport } from '../../../deploy/verify/load.js';
import { isFullRun } from '../../support/run/full-run.js';

export type { LoadReport };

/** What a stop loses, it loses for longer than the time between two of them: `rolling.spec.ts` sees it at this rate. */
export const REQUESTS_PER_SECOND = isFullRun ? 60 : 30;
/** Of uploads and of slow answers: long enough that some outlive the drain delay of a replica that is stopped. */
export const LONG_REQUEST_SECONDS = 2;
export const BEFORE_MS = 1000;
const AFTER_MS = 1000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Searches, and uploads and answers that take `LONG_REQUEST_SECONDS`, while `step` runs and a little longer. */
export async function runLoadStep(
  url: string,
  apiKeys: readonly string[],
  step: () => Promise<void>,
): Promise<LoadReport> {
  const load = startLoad({
    url,
    apiKeys,
    requestsPerSecond: REQUESTS_PER_SECOND,
    connections: 64,
    uploadBytes: 1_000_000,
    uploadSeconds: LONG_REQUEST_SECONDS,
    slowPath: '/api/mlflow/api/2.0/mlflow/experiments/search?slow=1',
  });
  try {
    await sleep(BEFORE_MS);
    await step();
    await sleep(AFTER_MS);
  } catch (error) {
    await load.stop();
    throw error;
  }
  return load.stop();
}
