import { readStrictJson, type JsonObject } from '../../../lib/json/strict-json.js';
import { messageShape, type MessageShape } from '../../mlflow-routes/message-shapes.js';
import { readLongMessage, readMessage } from './message-reader.js';

const shapeOf = (name: string): MessageShape => messageShape(`mlflow.${name}`) as MessageShape;
const json = (text: string): JsonObject => (readStrictJson(Buffer.from(text)) as { value: JsonObject }).value;
const read = (name: string, text: string): unknown => {
  try {
    return JSON.parse(JSON.stringify(readMessage(json(text), shapeOf(name)))) as unknown;
  } catch (error) {
    return (error as Error).message.replace(
      /^The request can be read in two ways: |\. For API keys .*$/g,
      '',
    );
  }
};

describe('a message in a body', () => {
  it('has its members by their snake names, whichever spelling they came in, and no others', () => {
    expect(
      read('LogBatch', '{"runId":"r","metrics":[{"key":"k","modelId":"m"}],"later":{"runId":"x"}}'),
    ).toEqual({
      run_id: 'r',
      metrics: [{ key: 'k', model_id: 'm' }],
    });
  });

  it.each<readonly [string, string, string]>([
    ['LogBatch', '{"run_id":"a","runId":"b"}', 'the member "run_id" is there in two spellings'],
    ['LogBatch', '{"run_id":null,"runId":"b"}', 'the member "run_id" is there in two spellings'],
    [
      'LogBatch',
      '{"metrics":[{},{"model_id":"a","modelId":"b"}]}',
      'the member "model_id" is there in two spellings',
    ],
    ['CreateRun', '{"tags":5}', 'the member "tags" has another type than MLflow knows'],
    ['CreateRun', '{"experiment_id":1}', 'the member "experiment_id" has another type than MLflow knows'],
    ['CreateRun', '{"start_time":"soon"}', 'the member "start_time" has another type than MLflow knows'],
    ['CreateRun', '{"start_time":1.5}', 'the member "start_time" has another type than MLflow knows'],
    ...['1e30', '9223372036854775808', '"9223372036854775808"', '"99999999999999999999"'].map(
      (time) =>
        [
          'CreateRun',
          `{"start_time":${time}}`,
          'the member "start_time" has another type than MLflow knows',
        ] as const,
    ),
    ['LogMetric', '{"value":NaN}', 'the member "value" has another type than MLflow knows'],
    ['LogMetric', '{"value":1e999}', 'the member "value" has another type than MLflow knows'],
    ...['3000000000', '"3000000000"'].map(
      (rows) =>
        [
          'SearchEvaluationDatasets',
          `{"max_results":${rows}}`,
          'the member "max_results" has another type than MLflow knows',
        ] as const,
    ),
    [
      'StartTraceV3',
      '{"trace":{"trace_info":{"request_time":"2026-02-30T00:00:00Z"}}}',
      'the member "request_time" has another type than MLflow knows',
    ],
    ['CreateRun', '{"tags":[null]}', 'the member "tags" has another type than MLflow knows'],
    ['CreateRun', '{"tags":[{"key":1}]}', 'the member "key" has another type than MLflow knows'],
    [
      'SearchTracesV3',
      '{"locations":[{"mlflow_experiment":{"experiment_id":"1"},"inferenceTable":{}}]}',
      'the members "mlflow_experiment" and "inference_table" exclude each other',
    ],
    [
      'StartTraceV3',
      '{"trace":{"trace_info":{"tags":{"a":1}}}}',
      'the member "tags" has another type than MLflow knows',
    ],
    [
      'StartTraceV3',
      '{"trace":{"trace_info":{"request_time":"now"}}}',
      'the member "request_time" has another type than MLflow knows',
    ],
  ])('%s %s: %s', (name, text, message) => {
    expect(read(name, text)).toBe(message);
  });

  it.each([
    ['CreateRun', '{"start_time":"1766000000000","tags":null}'],
    ['CreateRun', '{"start_time":-0}'],
    ['LogMetric', '{"value":"NaN","step":"3"}'],
    ['LogMetric', '{"value":1e-3}'],
    ['UpdateRun', '{"status":"FINISHED"}'],
    ['UpdateRun', '{"status":3}'],
    [
      'StartTraceV3',
      '{"trace":{"trace_info":{"execution_duration":"0.25s","request_time":"2026-01-01T00:00:00.5+01:00"}}}',
    ],
  ])('%s %s is what protobuf takes too', (name, text) => {
    expect(typeof read(name, text)).toBe('object');
  });

  it('is read alike in slices, and others have their turn between them', async () => {
    const metrics = Array.from({ length: 30_000 }, (_, i) => `{"key":"k","value":${i},"modelId":"m-${i}"}`);
    const body = json(`{"run_id":"r","metrics":[${metrics.join(',')}]}`);
    let pauses = 0;
    const long = await readLongMessage(body, shapeOf('LogBatch'), async () => void (pauses += 1));
    expect(JSON.stringify(long)).toBe(JSON.stringify(readMessage(body, shapeOf('LogBatch'))));
    expect(pauses).toBeGreaterThan(5);
  });
});
