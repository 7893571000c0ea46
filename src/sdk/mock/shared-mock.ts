import type { FetchLike } from '../http/transport.types.js';
import { warnOnce } from '../warnings.js';
import { MockMlflow } from './mock-mlflow.js';

let shared: MockMlflow | undefined;

/** The in-memory MLflow that all clients of `HOKUSAI_MOCK_MODE` in this process share. */
export const sharedMockFetch: FetchLike = (url, init) => {
  shared ??= new MockMlflow();
  return shared.fetch(url, init);
};

/** Mock mode is never silent. */
export function announceMock(): void {
  warnOnce('Mock mode: MLflow is simulated in memory. Nothing is sent to a server, and nothing is kept.');
}
