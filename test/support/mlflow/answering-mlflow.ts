import type { ServerResponse } from 'node:http';
import { sendJson, startRecordingUpstream, type RecordingUpstream } from '../servers/recording-upstream.js';

/** An MLflow in which every id exists: everything lies in experiment 1, which is called `team-a/one`. */
export async function startAnsweringMlflow(): Promise<RecordingUpstream> {
  return startRecordingUpstream(({ url, headers }, response) => {
    // What clients ask is answered with nothing; what the gateway asks itself has no `Via`.
    if (headers.via !== undefined || url.startsWith('/gateway/')) sendJson(response, 200, {});
    else answer(url, response);
  });
}

const info = { info: { experiment_id: '1' } };

function answer(url: string, response: ServerResponse): void {
  const path = url.split('?')[0] ?? '';
  const name = new URLSearchParams(url.split('?')[1]).get('name') ?? '';
  const isPrompt = name.startsWith('prompt');
  const tags = isPrompt ? [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] : [];
  const answers: readonly (readonly [RegExp, object])[] = [
    [/\/experiments\/get(?:-by-name)?$/, { experiment: { experiment_id: '1', name: 'team-a/one' } }],
    [/\/experiments\/search$/, { experiments: [{ experiment_id: '1', name: 'team-a/one' }] }],
    [/\/runs\/get$/, { run: info }],
    [/\/logged-models\/[^/]+$/, { model: info }],
    [/\/datasets\/[^/]+\/experiment-ids$/, { experiment_ids: ['1'] }],
    [/\/registered-models\/get$/, { registered_model: { name, tags } }],
    [/\/ajax-api\/3\.0\/jobs\/[^/]+$/, { params: { experiment_id: '1' } }],
    [/\/issues\/[^/]+$/, { issue: { experiment_id: '1' } }],
    [/\/review-queues\/get$/, { review_queue: { experiment_id: '1' } }],
    [/\/label-schemas\/get$/, { label_schema: { experiment_id: '1' } }],
    [/\/prompt-optimization\/jobs\/[^/]+$/, { job: { experiment_id: '1' } }],
    [
      /\/3\.0\/mlflow\/traces\/[^/]+$/,
      { trace: { trace_info: { trace_location: { mlflow_experiment: { experiment_id: '1' } } } } },
    ],
  ];
  const [, body] = answers.find(([pattern]) => pattern.test(path)) ?? [];
  if (body === undefined) sendJson(response, 404, { error_code: 'RESOURCE_DOES_NOT_EXIST' });
  else sendJson(response, 200, body);
}
