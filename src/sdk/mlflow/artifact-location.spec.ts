import { checkArtifactPath, joinPath, proxyPathOf } from './artifact-location.js';

it.each([
  ['mlflow-artifacts:/0/run/artifacts', '0/run/artifacts'],
  ['mlflow-artifacts://host:5000/0/run/artifacts/', '0/run/artifacts'],
  ['http://mlflow:5000/api/2.0/mlflow-artifacts/artifacts/0/a%20b', '0/a b'],
  ['https://elsewhere.example/files', undefined],
  ['s3://bucket/0/run', undefined],
  ['https://', undefined],
  ['http://mlflow/api/2.0/mlflow-artifacts/artifacts/0/100%', undefined],
  ['file:///tmp/0', undefined],
])('the proxy path of %s is %s', (uri, path) => {
  expect(proxyPathOf(uri)).toBe(path);
});

it.each(['a', 'model/weights.bin', 'with space/ä', '..a/b..'])('the path %j is good', (path) => {
  expect(checkArtifactPath(path)).toBe(path);
});

it.each(['', '/a', 'a/', 'a//b', '.', '..', 'a/../b', 'a\\b', 'a#b', 'a%2e%2e/b'])(
  'the path %j is refused',
  (path) => {
    expect(() => checkArtifactPath(path)).toThrow('is not an artifact path');
  },
);

it('paths are joined by one slash, and an empty one adds none', () => {
  expect([joinPath('a', 'b'), joinPath('', 'b'), joinPath('a', '')]).toEqual(['a/b', 'b', 'a']);
});
