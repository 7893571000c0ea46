import { answerHeaders, answerStatusText, answerTrailers } from './answer-headers.js';

const UPSTREAM = { host: 'mlflow:5000', basePath: '' };
const PLACE = { mount: '/mlflow', clientHost: 'gw.example' };
const OWN = [
  'Cache-Control',
  'private',
  'Vary',
  'authorization, x-api-key, x-hokusai-api-key, x-goog-api-key, api-key, x-mlflow-authorization',
];

const answer = (...flat: string[]): string[] =>
  answerHeaders(
    flat.map((part) => Buffer.from(part, 'latin1')),
    UPSTREAM,
    PLACE,
  ).headers;

describe('answerHeaders', () => {
  it('keeps order, spelling, duplicates and latin1 of what passes', () => {
    const flat = [
      'Content-Type',
      'text/html',
      'X-A',
      '1',
      'x-a',
      '2',
      'ETag',
      '"é"',
      'X-Frame-Options',
      'SAMEORIGIN',
    ];
    expect(answer(...flat)).toEqual([...flat, ...OWN]);
  });

  it.each([
    'Keep-Alive',
    'Transfer-Encoding',
    'Upgrade',
    'Proxy-Authenticate',
    'TE',
    'X-Request-Id',
    'RateLimit',
    'RateLimit-Policy',
    'X-RateLimit-Limit',
    'X-RateLimit-Remaining',
    'X-RateLimit-Reset',
    'Surrogate-Control',
    'CDN-Cache-Control',
    'Cloudflare-CDN-Cache-Control',
  ])('drops %s', (name) => {
    expect(answer(name, 'x')).toEqual(OWN);
  });

  it('drops what Connection lists, but never the framing', () => {
    expect(answer('X-A', '1', 'Connection', 'close, x-a, content-length', 'Content-Length', '3')).toEqual([
      'Content-Length',
      '3',
      ...OWN,
    ]);
  });

  it('never leaves an answer to shared caches, over several lines', () => {
    const flat = answer(
      'cache-control',
      'public',
      'Cache-Control',
      's-maxage=5, max-age=1',
      'Vary',
      'Accept',
    );
    expect(flat).toEqual(['Vary', 'Accept', 'Cache-Control', 'private, max-age=1', ...OWN.slice(2)]);
  });

  it('moves Location and each cookie below the mount', () => {
    expect(
      answer(
        'location',
        'http://mlflow:5000/x',
        'Set-Cookie',
        'a=1; Path=/',
        'Set-Cookie',
        'b=2; Path=/y',
      ).slice(0, 6),
    ).toEqual([
      'location',
      '/mlflow/x',
      'Set-Cookie',
      'a=1; Path=/mlflow/',
      'Set-Cookie',
      'b=2; Path=/mlflow/y',
    ]);
  });

  it('knows whether the answer is dated', () => {
    expect(answerHeaders(['Date', 'x'], UPSTREAM, PLACE).dated).toBe(true);
    expect(answerHeaders([], UPSTREAM, PLACE).dated).toBe(false);
  });

  it('remembers a bounded number of names', () => {
    for (let i = 0; i < 1500; i++) expect(answer(`X-${i}`, 'v').slice(0, 2)).toEqual([`X-${i}`, 'v']);
  });
});

describe('answerStatusText', () => {
  it.each([
    ['I am a teapot', 'I am a teapot'],
    ['', ''],
    [undefined, ''],
    ['Größe', ''],
    ['a\u0000b', ''],
  ])('%s is sent as %s', (text, sent) => {
    expect(answerStatusText(text)).toBe(sent);
  });
});

describe('answerTrailers', () => {
  it('passes trailers on, but none that frames a message', () => {
    const raw = ['X-Checksum', 'abc', 'Content-Length', '5', 'Transfer-Encoding', 'x', 'set-cookie', 'a=1'];
    expect(answerTrailers(raw.map((part) => Buffer.from(part)))).toEqual([['X-Checksum', 'abc']]);
  });
});
