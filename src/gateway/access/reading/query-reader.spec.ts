import { readQuery } from '../../../lib/http/query-pairs.js';
import { messageShape, type MessageShape } from '../../mlflow-routes/message-shapes.js';
import { readQueryFields } from './query-reader.js';

const read = (query: string, message?: string): unknown => {
  const shape = message === undefined ? undefined : (messageShape(`mlflow.${message}`) as MessageShape);
  try {
    return { ...readQueryFields(readQuery(query) ?? [], shape) };
  } catch (error) {
    return (error as { problem?: string }).problem;
  }
};

describe('a message in a query', () => {
  it.each<[string, string, unknown]>([
    ['?run_id=a&run_uuid=a', 'GetRun', { run_id: 'a', run_uuid: 'a' }],
    ['?runId=a&x=1', 'GetRun', {}],
    ['?run_id=a&run_id=a', 'GetRun', 'ambiguous-request'],
    ['?a;run_id=b', 'GetRun', {}],
    ['?run_ids=a&run_ids=b', 'GetMetricHistoryBulkInterval', { run_ids: ['a', 'b'] }],
    ['?max_results=x', 'GetMetricHistory', 'ambiguous-request'],
    ['?max_results=5', 'GetMetricHistory', { max_results: '5' }],
    ['?locations=x', 'SearchTracesV3', 'ambiguous-request'],
  ])('%s of %s', (query, message, fields) => {
    expect(read(query, message)).toEqual(fields);
  });

  it('is read as it is where MLflow reads it by hand', () => {
    expect(read('?run_id=a&run_id=b&__proto__=x&path=')).toEqual({
      run_id: ['a', 'b'],
      ['__proto__']: 'x',
      path: '',
    });
  });
});
