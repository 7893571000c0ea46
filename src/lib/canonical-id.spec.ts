import { isExperimentId, isLoggedModelId, isRunId } from './canonical-id.js';

describe('ids as MLflow writes them', () => {
  it.each(['0', '2', '12', '730231425217412089'])('%j is an experiment', (id) =>
    expect(isExperimentId(id)).toBe(true),
  );
  it.each(['', ' 2', '02', '+2', '-1', '2 ', '２', '2\n', '2.0', '1e3', '00', '12345678901234567890'])(
    '%j is none',
    (id) => expect(isExperimentId(id)).toBe(false),
  );

  it('runs have 32 hexadecimal digits, logged models have them behind "m-"', () => {
    const hex = '0123456789abcdef0123456789abcdef';
    expect(isRunId(hex)).toBe(true);
    expect(isLoggedModelId(`m-${hex}`)).toBe(true);
    for (const wrong of [hex.toUpperCase(), `${hex}0`, `${hex}\n`, ` ${hex}`, hex.slice(1)]) {
      expect(isRunId(wrong)).toBe(false);
      expect(isLoggedModelId(`m-${wrong}`)).toBe(false);
    }
  });
});
