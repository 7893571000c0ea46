import { ENDLESS_ROOM, roomFor } from '../../../../test/support/lib/held-bytes.js';
import type { MessageShape } from '../../mlflow-routes/message-shapes.js';
import { readBodyFields, type BodyForm, type BodyReading } from './body-fields.js';

const JSON_HEADERS = ['Content-Type', 'application/json'];
const read = (
  body: string | Buffer,
  form: Exclude<BodyForm, 'none'>,
  rawHeaders: readonly string[] = JSON_HEADERS,
  reading: Partial<BodyReading> = {},
): Promise<object> =>
  readBodyFields(Buffer.from(body), rawHeaders, form, {
    shape: undefined,
    anyContentType: false,
    held: ENDLESS_ROOM,
    ...reading,
  });

describe('members of a body', () => {
  it('do not exist in a body of bytes, in any content and encoding', async () => {
    for (const body of ['', '{"run_id":"r"}', Buffer.from([0xff, 0])])
      expect(await read(body, 'bytes', ['Content-Encoding', 'gzip'])).toEqual({});
  });

  it('are empty without a body, even without a content type', async () => {
    for (const form of ['json', 'message'] as const) expect(await read('', form, [])).toEqual({});
  });

  it('are those of its JSON object', async () => {
    expect({ ...(await read('{"runId":"r"}', 'json')) }).toEqual({ runId: 'r' });
  });

  it('have the names of the message’s fields, in short bodies and in long ones', async () => {
    const shape: MessageShape = { run_id: 'string' };
    for (const padding of ['', ' '.repeat(300 * 1024)])
      expect({ ...(await read(`{"runId":"r"${padding}}`, 'message', JSON_HEADERS, { shape })) }).toEqual({
        run_id: 'r',
      });
  });

  it('count for what they take in memory, a long body while it is read', async () => {
    const held = roomFor(1_000_000);
    await read('{"a":[{},1]}', 'json', JSON_HEADERS, { held });
    // The object, its list, and both entries of it.
    expect(held.told).toEqual([4 * 200]);
    const long = `{"a":[${'{},'.repeat(100_000)}{}]}`;
    await expect(read(long, 'json', JSON_HEADERS, { held })).rejects.toThrow('no room');
    expect(held.told.at(-1)).toBeLessThan(1_100_000);
  });

  it('are too many where they would take a hundred times as much as their text', async () => {
    const refusal = { problem: 'request-too-large', reason: 'values' };
    await expect(read(`{"a":[${'{},'.repeat(250_000)}{}]}`, 'json')).rejects.toMatchObject(refusal);
    const few = await read(`{"a":[${`"${'x'.repeat(60)}",`.repeat(10_000)}""]}`, 'json');
    expect((few as { a: unknown[] }).a).toHaveLength(10_001);
  });

  it.each([
    ['an encoded body', [...JSON_HEADERS, 'Content-Encoding', 'gzip'], 'its body is encoded'],
    ['another type', ['Content-Type', 'text/plain'], 'its Content-Type is not application/json'],
    ['a type that only begins alike', ['Content-Type', 'application/jsonp'], 'its Content-Type is not'],
    ['no type', [], 'its Content-Type is not application/json'],
  ])('are refused: %s', async (_title, headers, message) => {
    await expect(read('{}', 'json', headers)).rejects.toMatchObject({
      problem: 'ambiguous-request',
      message: expect.stringContaining(message) as string,
    });
  });

  it('are read under any content type if the route takes any', async () => {
    expect(await read('{}', 'json', ['Content-Type', 'text/plain'], { anyContentType: true })).toEqual({});
  });
});
