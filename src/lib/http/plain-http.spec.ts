import { sendsInTheClear } from './plain-http.js';

describe('what leaves the machine unencrypted', () => {
  it.each([
    ['https://auth.hokus.ai', false],
    ['http://auth.hokus.ai', true],
    ['http://auth.hokus.ai:8000/base', true],
    ['http://10.0.0.7:8000', true],
    ['http://localhost:8000', false],
    ['http://LOCALHOST:8000', false],
    ['http://service.localhost', false],
    ['http://127.0.0.1:8000', false],
    ['http://127.8.9.10', false],
    ['http://[::1]:8000', false],
    ['http://[::2]:8000', true],
    ['http://127.0.0.1.example.com', true],
    ['http://localhost.example.com', true],
  ])('%s: %s', (url, expected) => expect(sendsInTheClear(url)).toBe(expected));
});
