import { AskedRequest, type AskedParts } from './asked-request.js';

/** A request with these members in its body. */
const asked = (fields: AskedParts['fields']): AskedRequest => {
  const parts: Partial<AskedParts> = { path: {}, place: 'body', fields };
  return new AskedRequest(parts as AskedParts);
};

describe('values under a name', () => {
  it('are found in every entry of a list, and however deep in it', () => {
    const request = asked({
      datasets: [{ dataset: { name: 'one' } }, {}, { dataset: { name: 'two', source: 's' } }],
    });
    expect(request.read('datasets[].dataset.name')).toEqual([
      { text: 'one', at: 'body datasets[0].dataset.name' },
      { text: 'two', at: 'body datasets[2].dataset.name' },
    ]);
    expect(request.read('datasets[].dataset.source')).toHaveLength(1);
  });

  it('are found if a single value is given instead of a list', () => {
    expect(asked({ ids: 'one' }).read('ids[]')).toEqual([{ text: 'one', at: 'body ids[0]' }]);
  });

  it('are refused where one of them is no text', () => {
    expect(() => asked({ ids: ['one', 2] }).read('ids[]')).toThrow(
      expect.objectContaining({ problem: 'ambiguous-request' }),
    );
  });

  it('are one or none, and several are refused, if only one is allowed', () => {
    expect(asked({ run_id: 'r' }).one('run_id')).toEqual({ text: 'r', at: 'body run_id' });
    expect(asked({}).one('run_id').text).toBe('');
    expect(() => asked({ ids: ['one', 'two'] }).one('ids[]')).toThrow('"ids[]" is there twice');
  });
});
