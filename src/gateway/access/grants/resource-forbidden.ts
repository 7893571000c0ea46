import { ProblemError } from '../../../lib/http/problem-error.js';
import type { Finding } from './decide.js';

const NOUNS: Readonly<Record<string, string>> = {
  experiment: 'experiment',
  'experiment-name': 'experiment',
  'new-experiment-name': 'experiment',
  run: 'experiment of the run',
  'logged-model': 'experiment of the logged model',
  trace: 'experiment of the trace',
  assessment: 'assessment in this trace',
  'registered-name': 'model or prompt',
  model: 'model',
  prompt: 'prompt',
  endpoint: 'gateway endpoint',
  'endpoint-id': 'gateway endpoint of the id',
  'gateway-part': 'part of the AI gateway',
  dataset: 'experiments of the dataset',
  issue: 'experiment of the issue',
  'review-queue': 'experiment of the review queue',
  'label-schema': 'experiment of the label schema',
  'prompt-optimization-job': 'experiment of the job',
  job: 'experiment of the job',
  secret: 'gateway secret',
  'judge-setting': 'setting of a judge',
  'storage-location': 'storage location',
  'artifact-path': 'artifact path',
};
const MAX_SHOWN = 100;

/**
 * A 403 that names what is missing. The text is the same for what is not granted and for what does not exist, so that
 * nobody can find out which ids exist.
 */
export function resourceForbidden({ need: { named, level } }: Finding): ProblemError {
  const id = named.id.length > MAX_SHOWN ? `${named.id.slice(0, MAX_SHOWN)}…` : named.id;
  const noun = NOUNS[named.kind] ?? named.kind;
  const what = named.id === '' ? `${noun}, which the request does not name` : `${noun} ${JSON.stringify(id)}`;
  return new ProblemError('resource-forbidden', {
    message: `The API key has no grant to ${level} the ${what} (${named.at}), or it does not exist. Ask your key administrator for a grant, and check the id.`,
  });
}
