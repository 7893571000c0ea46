import { parseTarget } from '../../lib/http/request-target.js';
import { isAssistantPath } from './assistant-path.js';

describe("MLflow's assistant API", () => {
  it.each([
    '/mlflow/ajax-api/3.0/mlflow/assistant/message',
    '/api/mlflow/ajax-api/3.0/mlflow/assistant/message',
    '/mlflow/ajax-api/3.0/mlflow/assistant',
    '/mlflow/ajax-api/3.0/mlflow/assistant/',
    '/mlflow/api/3.0/mlflow/assistant/sessions/1/stream',
    '/mlflow/ajax-api/2.0/mlflow/assistant/config',
    '/mlflow/ajax-api/9.9/mlflow/assistant/config',
    '/mlflow/ajax-api/3.0mlflow/assistant/config',
    '/mlflow/static-prefix/ajax-api/3.0/mlflow/assistant/config',
    '/mlflow//ajax-api///3.0/mlflow//assistant//message',
    '/mlflow/ajax-api/3.0/mlflow/%61ssistant/message',
    '/mlflow/%61jax-api%2F3.0/mlflow/assistant%2Fmessage',
    '/mlflow/ajax-api/3%2e0/mlflow/assistan%74?x=1',
    '/mlflow/AJAX-API/3.0/MLflow/Assistant/message',
  ])('is recognised as %s', (url) => {
    const target = parseTarget(url);
    expect(typeof target).toBe('object');
    expect(isAssistantPath((target as { path: string }).path)).toBe(true);
  });

  it.each([
    '/mlflow/api/2.0/mlflow/experiments/search',
    '/mlflow/ajax-api/3.0/mlflow/assistants',
    '/mlflow/api/2.0/mlflow-artifacts/artifacts/1/mlflow/assistant/prompt.txt',
    '/mlflow/get-artifact?path=ajax-api/3.0/mlflow/assistant/x',
    '/mlflow/static-files/assistant.js',
    '/mlflow/ajax-api/3.0/mlflow/%2561ssistant/message',
  ])('is not confused with %s', (url) => {
    expect(isAssistantPath((parseTarget(url) as { path: string }).path)).toBe(false);
  });
});
