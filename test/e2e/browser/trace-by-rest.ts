/**
 * Makes a trace by the REST interface of MLflow 2 as its client of that time does. What newer clients write, the trace
 * pages of MLflow up to 3.1 cannot read.
 *
 * @param api address that paths such as `/api/2.0/mlflow/traces` follow
 * @returns its id
 */
export async function traceByRest(api: string, token: string, experimentId: string): Promise<string> {
  const send = async <T>(method: string, path: string, body: object): Promise<T> => {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const atMs = Date.now();
  const { trace_info: info } = await send<{ trace_info: { request_id: string; tags: Tag[] } }>(
    'POST',
    '/api/2.0/mlflow/traces',
    { experiment_id: experimentId, timestamp_ms: atMs, request_metadata: [], tags: [] },
  );
  const id = info.request_id;
  const location = info.tags.find(({ key }) => key === 'mlflow.artifactLocation')?.value ?? '';
  const folder = location.replace('mlflow-artifacts:/', '');
  await send('PUT', `/api/2.0/mlflow-artifacts/artifacts/${folder}/traces.json`, {
    spans: [
      span(id, atMs, 'answer', '0x0000000000000001', null),
      span(id, atMs, 'look up', '0x0000000000000002', '0x0000000000000001'),
    ],
    request: '{"question": "of an older client"}',
    response: '"an answer"',
  }).catch((error: unknown) => {
    // Answered with an empty body.
    if (!(error instanceof SyntaxError)) throw error;
  });
  await send('PATCH', `/api/2.0/mlflow/traces/${id}`, {
    request_id: id,
    timestamp_ms: atMs + 20,
    status: 'OK',
    request_metadata: [],
    tags: [],
  });
  return id;
}

interface Tag {
  readonly key: string;
  readonly value: string;
}

function span(id: string, atMs: number, name: string, spanId: string, parentId: string | null): object {
  return {
    name,
    context: { span_id: spanId, trace_id: '0x00000000000000000000000000000001' },
    parent_id: parentId,
    start_time: atMs * 1e6,
    end_time: (atMs + 20) * 1e6,
    status_code: 'OK',
    status_message: '',
    attributes: {
      'mlflow.traceRequestId': JSON.stringify(id),
      'mlflow.spanType': JSON.stringify('UNKNOWN'),
      'mlflow.spanInputs': JSON.stringify({ question: 'of an older client' }),
    },
    events: [],
  };
}
