import { isHttpUrl } from './url-rules.js';

describe('the address of a service', () => {
  it.each(['http://127.0.0.1:5000', 'https://auth.hokus.ai/base', 'HTTPS://example.test'])(
    'may be %s',
    (text) => expect(isHttpUrl(text)).toBe(true),
  );

  it.each(['', 'auth.hokus.ai', '/path', 'http://', 'ftp://example.test', 'redis://example.test'])(
    'is not "%s"',
    (text) => expect(isHttpUrl(text)).toBe(false),
  );
});
