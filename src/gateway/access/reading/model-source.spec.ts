import { readModelSource } from './model-source.js';

const RUN = '0123456789abcdef0123456789abcdef';

describe('the source of a model version', () => {
  it.each([
    [`runs:/${RUN}/model`, { kind: 'run', runId: RUN }],
    [`runs:/${RUN}`, { kind: 'run', runId: RUN }],
    [`models:/m-${RUN}`, { kind: 'logged-model', modelId: `m-${RUN}` }],
    ['models:/churn/3', { kind: 'model', name: 'churn' }],
    ['models:/churn/Production', { kind: 'model', name: 'churn' }],
    ['models:/churn@champion', { kind: 'model', name: 'churn' }],
    ['models:/a@b@champion', { kind: 'model', name: 'a@b' }],
    ['models:/a@b/1', { kind: 'model', name: 'a@b' }],
    [`models:/m-${RUN}/1`, { kind: 'model', name: `m-${RUN}` }],
    [`mlflow-artifacts:/2/${RUN}/artifacts/model`, { kind: 'experiment', experimentId: '2' }],
    [`mlflow-artifacts:/workspaces/a/2/${RUN}`, { kind: 'experiment', experimentId: '2' }],
  ])('%s is of %j', (source, expected) => {
    expect(readModelSource(source)).toEqual(expected);
  });

  it.each([
    '',
    '/etc',
    'etc',
    './etc',
    'file:///etc',
    'http://169.254.169.254/',
    'https://example.com/x',
    's3://bucket/x',
    'dbfs:/x',
    'mlflow-artifacts:/%2532/x',
    'mlflow-artifacts:/%32/x',
    'mlflow-artifacts://host/2/x',
    'mlflow-artifacts:///2/x',
    'mlflow-artifacts:/1/../2/x',
    'mlflow-artifacts:/1/%2e%2e/2/x',
    'mlflow-artifacts:/1?/../2',
    'mlflow-artifacts:2/x',
    'mlflow-artifacts:/',
    'mlflow-artifacts:/team-a/x',
    'MLFLOW-ARTIFACTS:/2/x',
    ' mlflow-artifacts:/2/x',
    '\tmlflow-artifacts:/2/x',
    'runs:/short/model',
    `runs:/${RUN.toUpperCase()}/model`,
    `runs:/${RUN}/../x`,
    `runs://profile/${RUN}/model`,
    `Runs:/${RUN}/model`,
    'models:/churn',
    'models://churn/1',
    'models:///churn/1',
    'models:/churn/1/x',
    'models:/churn/',
    'models:/@champion',
    'models:/churn@',
    'models:/ch%75rn/1',
    'models:/churn/1?x',
    'models:/churn/1#x',
    'models:/chu\trn/1',
  ])("%j is nobody's", (source) => {
    expect(readModelSource(source)).toBeUndefined();
  });
});
