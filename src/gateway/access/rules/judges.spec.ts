import { AskedRequest, type AskedParts } from '../reading/asked-request.js';
import { judges } from './judges.js';

/** What a request with this text under a name needs for the judge in it. */
const needsFor = (text: string): unknown => {
  const parts: Partial<AskedParts> = { path: {}, place: 'body', fields: { serialized_scorer: text } };
  return judges('serialized_scorer')(new AskedRequest(parts as AskedParts));
};

describe('a judge in a request', () => {
  it('needs the endpoints that it calls', () => {
    expect(needsFor('{"model":"gateway:/gpt-4"}')).toMatchObject([
      { named: { kind: 'endpoint', id: 'gpt-4' }, level: 'invoke' },
    ]);
  });

  it('needs nothing where its text is empty, which clients send for none', () => {
    expect(needsFor('')).toEqual([]);
  });

  it('is refused where it is no JSON', () => {
    expect(() => needsFor('gateway:/gpt-4')).toThrow(
      expect.objectContaining({ problem: 'ambiguous-request' }),
    );
  });
});
