import { MAX_LISTED, prependFilter } from './prepend-filter.js';

describe('prependFilter', () => {
  it.each([
    [['1'], '', "experiment_id IN ('1')"],
    [['1', '3'], '  ', "experiment_id IN ('1','3')"],
    [['1'], "name LIKE 'x%'", "experiment_id IN ('1') AND name LIKE 'x%'"],
  ])('%j before %j is %s', (granted, filter, expected) => {
    expect(prependFilter('experiment_id', granted, filter)).toBe(expected);
  });

  it('takes names with blanks, slashes, dashes and letters of any language', () => {
    expect(prependFilter('name', ['a b/c-d -- x', 'käse', '模型'], '')).toBe(
      "name IN ('a b/c-d -- x','käse','模型')",
    );
  });

  it.each(["it's", 'a"b', 'a\\b', 'a\nb', 'a\u2028b', 'a\u0085b', ''])(
    'cannot write the name %j, which MLflow would read differently',
    (name) => {
      expect(prependFilter('name', ['good', name], '')).toBeUndefined();
    },
  );

  it('cannot write a list that is empty or too long', () => {
    const ids = Array.from({ length: MAX_LISTED + 1 }, (_, id) => String(id));
    expect(prependFilter('experiment_id', [], '')).toBeUndefined();
    expect(prependFilter('experiment_id', ids, '')).toBeUndefined();
    expect(prependFilter('experiment_id', ids.slice(1), '')).toBeDefined();
  });
});
