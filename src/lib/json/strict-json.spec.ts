import { seededRandom } from '../../../test/support/lib/random.js';
import { isFullRun } from '../../../test/support/run/full-run.js';
import { readLongStrictJson, readStrictJson } from './strict-json.js';

const read = (text: string): unknown => {
  const json = readStrictJson(Buffer.from(text));
  return 'value' in json ? json.value : json.fault;
};

describe('strict JSON', () => {
  it.each([
    '{}',
    ' {"a" : 1}\r\n',
    '{"a":[],"b":{},"c":[1,-0,2.5e-3,1E+2]}',
    '{"a":{"a":{"a":null}},"b":[true,false,null]}',
    '{"é\\u00e9\\n\\"\\\\\\/":"𝄞\\ud834\\udd1e"}',
    '{"__proto__":{"x":1},"constructor":2,"toString":3}',
    '{"":""}',
  ])('%s is read as JSON.parse reads it', (text) => {
    expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('takes the numbers that Python writes beyond JSON', () => {
    expect(read('{"a":NaN,"b":Infinity,"c":-Infinity}')).toMatchObject({ a: NaN, b: Infinity, c: -Infinity });
  });

  it.each<readonly [string, string]>([
    ['{"a":1,"a":1}', 'has a member twice'],
    ['{"experiment_id":"1","\\u0065xperiment_id":"2"}', 'has a member twice'],
    ['{"x":[{"a":1,"b":{},"a":2}]}', 'has a member twice'],
    ['{"__proto__":1,"__proto__":2}', 'has a member twice'],
    ['{"a":"\\ud800"}', 'has half of a character'],
    ['{"\\udc00\\ud800":1}', 'has half of a character'],
    [`{"a":${'['.repeat(128)}${']'.repeat(128)}}`, 'is nested too deeply'],
    [`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'is nested too deeply'],
    ...[
      ...[
        '',
        ' ',
        '[]',
        '"{}"',
        'null',
        '1',
        '{',
        '{"a"}',
        '{"a":}',
        '{"a":1,}',
        '{,}',
        "{'a':1}",
        '{a:1}',
        '{"a":01}',
      ],
      ...[
        '{"a":+1}',
        '{"a":.5}',
        '{"a":1.}',
        '{"a":0x1}',
        '{"a":nan}',
        '{"a":undefined}',
        '{"a":1}x',
        '{"a":1}{}',
      ],
      ...[
        '{"a":1}//',
        '/**/{"a":1}',
        '{"a":"\t"}',
        '{"a":"\n"}',
        '{"a":"\\x41"}',
        '{"a":"\\u12"}',
        '{"a":"',
        '{"a":[1,]}',
      ],
      ...[
        '{"a":"\u0000"}',
        '\ufeff{}',
        '{}\u0000',
        '\u00a0{}',
        '{"a":truefalse}',
        '{"a":-}',
        '{"a":NaNs}',
        '{"a" 1}',
      ],
    ].map((text) => [text, 'is no JSON object'] as const),
  ])('refuses what parsers read differently (%#)', (text, fault) => {
    expect(read(text)).toBe(fault);
  });

  it.each([
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['UTF-16 with a byte order mark', Buffer.from('\ufeff{"a":1}', 'utf16le')],
    ['UTF-32', Buffer.from('7b0000007d000000', 'hex')],
    ['broken UTF-8', Buffer.from('7b2261223a22ff227d', 'hex')],
    ['an overlong character', Buffer.from('7b2261223a22c0af227d', 'hex')],
  ])('%s is refused', (_name, bytes) => {
    expect('fault' in readStrictJson(bytes)).toBe(true);
  });

  it('agrees with JSON.parse on every damaged text that it takes', () => {
    const random = seededRandom(16);
    const seed = '{"run_id":"0a","tags":[{"key":"k\\u0041","value":1.5e3}],"x":{"y":[true,null,-2]}}';
    const signs = '{}[]",:\\u0019eE+-. \n\ttrfalsn';
    for (let i = 0; i < (isFullRun ? 20_000 : 10_000); i++) {
      const characters = [...seed];
      for (let n = 0; n < 1 + random() * 3; n++)
        characters[Math.floor(random() * characters.length)] = signs[
          Math.floor(random() * signs.length)
        ] as string;
      const text = characters.join('');
      const value = read(text);
      if (typeof value !== 'string') expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
    }
  });

  it('is read alike in slices, strings that are longer than one too, and others have their turn between them', async () => {
    const text = JSON.stringify({
      long: 'x\n'.repeat(500_000),
      list: Array.from({ length: 100_000 }, (_, i) => ({ i })),
    });
    let pauses = 0;
    const json = await readLongStrictJson(Buffer.from(text), async () => void (pauses += 1));
    expect(JSON.stringify('value' in json ? json.value : json)).toBe(text);
    expect(pauses).toBeGreaterThan(5);
    for (const fault of ['{"a":1,"a":1}', '[]', `{"a":"${'x'.repeat(600_000)}`, '{"a":"\\ud800"}'])
      expect(await readLongStrictJson(Buffer.from(fault), async () => undefined)).toEqual(
        readStrictJson(Buffer.from(fault)),
      );
  });
});
