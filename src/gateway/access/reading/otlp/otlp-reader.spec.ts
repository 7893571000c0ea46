import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { ENDLESS_ROOM, roomFor } from '../../../../../test/support/lib/held-bytes.js';
import { otlpBody } from '../../../../../test/support/mlflow/otlp-body.js';
import { seededRandom } from '../../../../../test/support/lib/random.js';
import { readOtlp, type OtlpForm } from './otlp-reader.js';
import { OtlpFault, REQUEST_ID_ATTRIBUTE, TooLargeSpans } from './trace-names.js';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const PROTOBUF: OtlpForm = {
  contentType: 'application/x-protobuf',
  contentEncoding: undefined,
  maxBytes: 100_000,
  held: ENDLESS_ROOM,
};
const JSON_FORM: OtlpForm = { ...PROTOBUF, contentType: 'application/json' };
type Write = (writer: BinaryWriter) => void;

const message = (write: Write): Uint8Array => {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
};
const member =
  (number: number, bytes: Uint8Array): Write =>
  (writer) =>
    void writer.tag(number, WireType.LengthDelimited).bytes(bytes);
const members = (...writes: Write[]): Uint8Array =>
  message((writer) => writes.forEach((write) => write(writer)));
const traceId = (hex: string): Write => member(1, Buffer.from(hex, 'hex'));
const text = (number: number, value: string): Write => member(number, Buffer.from(value));
const attribute = (name: string, value: string): Write =>
  member(9, members(text(1, name), member(2, members(text(1, value)))));
/** A request with one list of spans. */
const request = (...spans: Uint8Array[]): Uint8Array =>
  members(member(1, members(member(2, members(...spans.map((span) => member(2, span)))))));
const span = (hex: string, ...more: Write[]): Uint8Array => members(traceId(hex), text(5, 'a step'), ...more);

async function traces(body: Uint8Array, form: Partial<OtlpForm> = {}): Promise<string[]> {
  return [...(await readOtlp(body, { ...PROTOBUF, ...form }))].sort();
}

describe('the traces that spans of OTLP are written to', () => {
  it('are those of all spans, in every list', async () => {
    const one = request(span(A), span(B));
    expect(await traces(one)).toEqual([`tr-${A}`, `tr-${B}`]);
    expect(await traces(Buffer.concat([request(span(A)), request(span(B))]))).toEqual([`tr-${A}`, `tr-${B}`]);
  });

  it('are also those that MLflow 3.5 takes from an attribute', async () => {
    const named = (value: string): Uint8Array => request(span(A, attribute(REQUEST_ID_ATTRIBUTE, value)));
    expect(await traces(named(`"tr-${B}"`))).toEqual([`tr-${A}`, `tr-${B}`]);
    expect(await traces(named(`tr-${B}`))).toEqual([`tr-${A}`, `tr-${B}`]);
    expect(await traces(request(span(A, attribute('other', `tr-${B}`))))).toEqual([`tr-${A}`]);
    await expect(traces(named('"trace:/1/x"'))).rejects.toThrow(OtlpFault);
  });

  it.each([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
  ])('are read through %s', async (contentEncoding, compress) => {
    expect(await traces(compress(request(span(A))), { contentEncoding })).toEqual([`tr-${A}`]);
  });

  it('are read from JSON', async () => {
    const spans = [
      {
        traceId: A.toUpperCase(),
        name: 'x',
        attributes: [{ key: 'other', value: { stringValue: `tr-${'d'.repeat(32)}` } }],
      },
      {
        traceId: B,
        attributes: [{ key: REQUEST_ID_ATTRIBUTE, value: { stringValue: `"tr-${'c'.repeat(32)}"` } }],
      },
    ];
    const body = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
    expect(await traces(body, JSON_FORM)).toEqual([`tr-${A}`, `tr-${B}`, `tr-${'c'.repeat(32)}`]);
  });

  it('are none in a request without spans', async () => {
    expect(await traces(Buffer.alloc(0))).toEqual([]);
  });
});

describe('spans of OTLP that two parsers could read differently', () => {
  const varint =
    (number: number): Write =>
    (writer) =>
      void writer.tag(number, WireType.Varint).uint32(40);
  it.each([
    [
      'a list of spans with the type of a number',
      message((writer) => {
        varint(1)(writer);
        writer.raw(request(span(A)));
      }),
    ],
    ['a trace id with the type of a number', request(members(varint(1), traceId(A)))],
    ['two trace ids', request(span(A, traceId(B)))],
    ['no trace id', request(members(text(5, 'a step')))],
    ['a trace id with zeros in front', request(span(`00${A}`))],
    ['a short trace id', request(span('aa'))],
    [
      'an attribute with two names',
      request(
        span(
          A,
          member(
            9,
            members(text(1, 'x'), text(1, REQUEST_ID_ATTRIBUTE), member(2, members(text(1, `tr-${B}`)))),
          ),
        ),
      ),
    ],
    [
      'an attribute with two values',
      request(
        span(
          A,
          member(
            9,
            members(
              text(1, REQUEST_ID_ATTRIBUTE),
              member(2, members(text(1, `tr-${A}`))),
              member(2, members(text(1, `tr-${B}`))),
            ),
          ),
        ),
      ),
    ],
    [
      'an id that is a list',
      request(
        span(
          A,
          member(
            9,
            members(
              text(1, REQUEST_ID_ATTRIBUTE),
              member(2, members(member(5, members(member(1, members(text(1, `tr-${B}`))))))),
            ),
          ),
        ),
      ),
    ],
    ['a cut message', request(span(A)).subarray(0, -1)],
    ['something else', Buffer.from('{"resourceSpans":[]}')],
  ])('are refused: %s', async (_, body) => {
    await expect(traces(body)).rejects.toThrow(OtlpFault);
  });

  it.each([
    { resource_spans: [] },
    { resourceSpans: [{ scope_spans: [] }] },
    { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: A, trace_id: B }] }] }] },
    { resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] },
    { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: `${A} ` }] }] }] },
    { resourceSpans: {} },
  ])('are refused as JSON: %j', async (body) => {
    await expect(traces(Buffer.from(JSON.stringify(body)), JSON_FORM)).rejects.toThrow(OtlpFault);
  });

  it('are refused in another form, or compressed in another way than it says', async () => {
    const body = request(span(A));
    await expect(traces(body, { contentType: undefined })).rejects.toThrow(OtlpFault);
    await expect(traces(body, { contentType: 'text/plain' })).rejects.toThrow(OtlpFault);
    await expect(traces(body, { contentEncoding: 'gzip' })).rejects.toThrow(OtlpFault);
    await expect(traces(body, { contentEncoding: 'identity' })).rejects.toThrow(OtlpFault);
    await expect(traces(body, { contentEncoding: 'gzip, gzip' })).rejects.toThrow(OtlpFault);
  });

  it('are refused where they mean something else to a server that does not inflate them', async () => {
    const same = Buffer.from(request(span(A)));
    const length = 4 + same.length;
    // Raw deflate: one letter, which is a tag of four bytes, then all the rest as it stands. To protobuf the beginning is a
    // member that nobody knows, of five bytes.
    const both = Buffer.concat([
      Buffer.from([0x12, 0x05, 0x04, length, 0, 0xff - length, 0xff, 0x10, 0x01, 0x10, 0x01]),
      same,
    ]);
    await expect(traces(both)).resolves.toEqual([`tr-${A}`]);
    await expect(traces(both, { contentEncoding: 'deflate' })).rejects.toThrow('two meanings');
  });

  it('are read where their compressed bytes happen to be a message of something else', async () => {
    const random = seededRandom(26);
    const hex = (): string =>
      Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
    for (let n = 0; n < 500; n++) {
      const id = hex();
      const body = deflateSync(otlpBody({ traceId: id }));
      await expect(traces(body, { contentEncoding: 'deflate' })).resolves.toEqual([`tr-${id}`]);
    }
  });

  it('are refused where they would be large once inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    await expect(traces(bomb, { contentEncoding: 'gzip' })).rejects.toThrow(TooLargeSpans);
    await expect(
      traces(deflateRawSync(Buffer.alloc(1_000_000)), { contentEncoding: 'deflate' }),
    ).rejects.toThrow(TooLargeSpans);
  });

  it('count for what they take inflated while they are, and end where there is no room for that', async () => {
    const body = Buffer.concat([request(span(A)), members(member(7, new Uint8Array(90_000)))]);
    for (const [contentEncoding, compress] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['deflate', deflateRawSync],
    ] as const) {
      const held = roomFor(body.length);
      await expect(traces(compress(body), { contentEncoding, held })).resolves.toEqual([`tr-${A}`]);
      expect(held.told.at(-1)).toBe(body.length);
      const small = roomFor(20_000);
      await expect(traces(compress(body), { contentEncoding, held: small })).rejects.toThrow('no room');
      expect(small.told.at(-1)).toBeLessThan(60_000);
    }
  });

  it.each<[string, Uint8Array]>([
    ['spans', request(...Array.from({ length: 10_000 }, () => span(A)))],
    ['attributes', request(span(A, ...Array.from({ length: 10_000 }, () => attribute('k', 'v'))))],
    ['members that nobody knows', Buffer.alloc(100_000, Buffer.from([0x78, 0]))],
  ])('are read in slices where they have many %s, and others have their turn', async (_what, body) => {
    let isRead = false;
    const reading = readOtlp(body, { ...PROTOBUF, maxBytes: body.length }).finally(() => (isRead = true));
    let turns = 0;
    for (; !isRead; turns++) await new Promise((resolve) => setImmediate(resolve));
    await reading;
    expect(turns).toBeGreaterThan(3);
  });

  it('in JSON count for their values too, and are refused where those are too many', async () => {
    const list = (length: number): Buffer => Buffer.from(`{"x":[${'{},'.repeat(length)}{}]}`);
    const held = roomFor(1_000_000);
    const form = { ...JSON_FORM, maxBytes: 2_000_000, held };
    await expect(readOtlp(list(100_000), form)).rejects.toThrow('no room');
    expect(held.told.at(-1)).toBeLessThan(1_500_000);
    await expect(readOtlp(list(600_000), { ...form, held: ENDLESS_ROOM })).rejects.toThrow(TooLargeSpans);
  });
});
