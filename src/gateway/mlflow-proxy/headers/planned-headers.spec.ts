import { plannedHeaders } from './planned-headers.js';

const CLIENT = [
  ...['Content-Length', '5', 'Accept-Encoding', 'gzip', 'If-None-Match', '"x"', 'X-MLflow-Workspace', 'mine'],
  ...['X_MLFLOW_WORKSPACE', 'other', 'Accept', '*/*'],
];
const names = (flat: readonly string[]): string[] => flat.filter((_, index) => index % 2 === 0);

describe('headers of a request that a guard has planned', () => {
  it('stay as they are where the plan says nothing of them', () => {
    expect(plannedHeaders([...CLIENT], { target: { rawQuery: '?a' } })).toEqual(CLIENT);
  });

  it('do not say how long another body is', () => {
    expect(names(plannedHeaders([...CLIENT], { body: Buffer.from('x') }))).not.toContain('Content-Length');
  });

  it.each(['answerFilter', 'answerCheck'])(
    'ask for a whole answer, uncompressed, where there is an %s',
    (reader) => {
      const filter = { maxBytes: 1, change: (body: Buffer): Buffer => body };
      const left = names(plannedHeaders([...CLIENT], { [reader]: filter }));
      expect(left).not.toContain('Accept-Encoding');
      expect(left).not.toContain('If-None-Match');
    },
  );

  it('name the workspace of the plan alone', () => {
    const planned = plannedHeaders([...CLIENT], { workspace: 'granted' });
    expect(planned.filter((_, i) => /workspace/i.test(planned[i - (i % 2)] ?? ''))).toEqual([
      'x-mlflow-workspace',
      'granted',
    ]);
    expect(names(plannedHeaders([...CLIENT], { workspace: null })).join()).not.toMatch(/workspace/i);
  });
});
