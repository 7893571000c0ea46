/**
 * Logs a run with a file, and reads both back. Reads MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN.
 * Run it with `node log-run.ts` (Node 24) in a folder where @hokusai/mlflow-sdk is installed.
 */
import { setup } from '@hokusai/mlflow-sdk';

const { experiments } = await setup();
const { experimentId } = await experiments.getOrCreate('examples');

await experiments.runs.within(experimentId, async (run) => {
  await experiments.runs.log(run.runId, { params: { depth: 6 }, metrics: { auc: 0.91 } });
  await experiments.artifacts.upload(run, 'notes.txt', new Blob(['the best one so far']));

  const notes = await experiments.artifacts.download(run, 'notes.txt');
  console.log(`logged run ${run.runId}: ${await notes.text()}`);
});
