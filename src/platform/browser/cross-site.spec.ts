import { isCrossSite, isDocumentNavigation, type AmbientCredential } from './cross-site.js';

type Row = [
  what: string,
  credential: AmbientCredential,
  request: Record<string, string>,
  crossSite: boolean,
  place?: { secure?: boolean; trustedHops?: number },
];

const HOST = 'registry.example';
const OWN = { origin: 'https://registry.example' };
const LINK = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const FRAME = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
const FETCH = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
const IMAGE = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
const CROSS = { 'sec-fetch-site': 'cross-site' };
const SIBLING = { 'sec-fetch-site': 'same-site' };
const SAME = { 'sec-fetch-site': 'same-origin' };

const ROWS: Row[] = [
  // The own pages, and addresses that are typed.
  ['an own fetch', 'cookie', { ...SAME, ...FETCH }, false],
  ['an own POST', 'cookie', { method: 'POST', ...OWN, ...SAME, ...FETCH }, false],
  ['a typed address', 'cookie', { 'sec-fetch-site': 'none', ...LINK }, false],
  ['an own POST of an old browser', 'cookie', { method: 'POST', ...OWN }, false],
  ['a GET without any word of a browser', 'cookie', {}, false],
  // Pages of other sites.
  ['a link from another site', 'cookie', { ...CROSS, ...LINK }, false],
  ['a link from a sibling host', 'cookie', { ...SIBLING, ...LINK }, false],
  ['a frame in another site', 'cookie', { ...CROSS, ...FRAME }, true],
  ['a frame in a sibling host', 'cookie', { ...SIBLING, ...FRAME }, true],
  ['an image in a sibling host', 'cookie', { ...SIBLING, ...IMAGE }, true],
  ['a fetch of a sibling host', 'cookie', { ...SIBLING, ...FETCH }, true],
  [
    'a form of another site',
    'cookie',
    { method: 'POST', origin: 'https://evil.example', ...CROSS, ...LINK },
    true,
  ],
  [
    'a form of a sibling host',
    'cookie',
    { method: 'POST', origin: 'https://a.example', ...SIBLING, ...LINK },
    true,
  ],
  ['a GET with a foreign origin', 'cookie', { origin: 'https://evil.example' }, true],
  ['a site that no browser knows', 'cookie', { 'sec-fetch-site': 'own' }, true],
  // Origins that are none.
  ['Origin: null', 'cookie', { method: 'POST', origin: 'null', ...SAME }, true],
  ['an empty Origin', 'cookie', { origin: '' }, true],
  ['a POST without Origin', 'cookie', { method: 'POST', ...SAME }, true],
  ['a DELETE without Origin', 'cookie', { method: 'DELETE' }, true],
  // Names of the host.
  ['another port', 'cookie', { method: 'POST', origin: 'https://registry.example:8443' }, true],
  ['a name that begins alike', 'cookie', { origin: 'https://registry.example.evil.example' }, true],
  [
    'a user that is called like the host',
    'cookie',
    { origin: 'https://registry.example@evil.example' },
    true,
  ],
  ['another case and the default port', 'cookie', { host: 'REGISTRY.example:443', ...OWN }, false],
  [
    'the same port',
    'cookie',
    { host: 'registry.example:8443', origin: 'https://registry.example:8443' },
    false,
  ],
  ['an IPv6 address', 'cookie', { host: '[::1]:8001', origin: 'http://[::1]:8001' }, false],
  ['a host that is no host', 'cookie', { host: 'a b', ...OWN }, true],
  // Schemes, and proxies that rewrite Host.
  ['http before https', 'cookie', { origin: 'http://registry.example' }, true, { secure: true }],
  ['https before https', 'cookie', OWN, false, { secure: true }],
  [
    'a rewritten Host that the browser vouches for',
    'cookie',
    { host: 'gateway:8001', ...OWN, ...SAME },
    false,
  ],
  ['a rewritten Host alone', 'cookie', { host: 'gateway:8001', ...OWN }, true],
  ['X-Forwarded-Host of nobody', 'cookie', { host: 'gateway:8001', 'x-forwarded-host': HOST, ...OWN }, true],
  [
    'X-Forwarded-Host of a trusted proxy',
    'cookie',
    { host: 'gateway:8001', 'x-forwarded-host': HOST, ...OWN },
    false,
    { trustedHops: 1 },
  ],
  [
    'X-Forwarded-Host of the client, before that of a trusted proxy',
    'cookie',
    { host: 'gateway:8001', 'x-forwarded-host': `evil.example, ${HOST}`, origin: 'https://evil.example' },
    true,
    { trustedHops: 1 },
  ],
  // Basic, which programs send as well.
  ['a program that POSTs', 'basic', { method: 'POST' }, false],
  ['a program that GETs', 'basic', {}, false],
  ['an own page', 'basic', { method: 'POST', ...OWN, ...SAME }, false],
  ['a fetch of a sibling host', 'basic', { ...SIBLING, ...FETCH }, true],
  ['an image in another site', 'basic', { ...CROSS, ...IMAGE }, true],
  ['another origin', 'basic', { origin: 'https://evil.example' }, true],
  ['Origin: null', 'basic', { origin: 'null' }, true],
  ['a link from another site', 'basic', { ...CROSS, ...LINK }, false],
];

describe('a request that a browser may send for a page of another origin', () => {
  it.each(ROWS)(
    '%s with %s %j: %s',
    (_what, credential, { method = 'GET', ...headers }, expected, place = {}) => {
      const request = { method, headers: { host: HOST, ...headers } };
      expect(isCrossSite(request, credential, { secure: false, trustedHops: 0, ...place })).toBe(expected);
    },
  );

  it('is one that names an origin where no Host came with it', () => {
    expect(isCrossSite({ method: 'GET', headers: OWN }, 'cookie', { secure: false, trustedHops: 0 })).toBe(
      true,
    );
  });
});

describe('a document that a person opens', () => {
  it.each([
    ['GET', LINK, true],
    ['GET', FRAME, false],
    ['GET', FETCH, false],
    ['POST', LINK, false],
    ['HEAD', LINK, false],
    ['GET', { accept: 'text/html,application/xhtml+xml' }, true],
    ['GET', { accept: 'text/html', ...FETCH }, false],
    ['GET', { accept: '*/*' }, false],
    ['GET', { accept: 'application/json, text/html' }, false],
    ['GET', {}, false],
  ])('%s %j: %s', (method, headers, expected) => {
    expect(isDocumentNavigation({ method, headers })).toBe(expected);
  });
});
