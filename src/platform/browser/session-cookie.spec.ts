import { isLoopbackHost, SessionCookie } from './session-cookie.js';

const HTTPS = { secure: true, host: 'registry.example' };
const LOCAL = { secure: false, host: '127.0.0.1:8001' };
const cookie = new SessionCookie({ name: 'session', path: '/', sameSite: 'Lax' });
const below = new SessionCookie({ name: 'session', path: '/mlflow', sameSite: 'Strict' });

describe('the cookie of a session', () => {
  it('is bound to its host over HTTPS, so that no sibling host can plant one', () => {
    expect(cookie.set('v', 60, HTTPS)).toBe(
      '__Host-session=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    );
    expect(below.set('v', 60, HTTPS)).toBe(
      '__Secure-session=v; Path=/mlflow; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
    );
    expect(cookie.clear(HTTPS)).toBe('__Host-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure');
  });

  it('has no prefix on this machine itself, where browsers differ in what they keep', () => {
    expect(cookie.set('v', 60, LOCAL)).toBe('session=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax');
  });

  it.each([
    [HTTPS, '__Host-session=v', 'v'],
    [HTTPS, 'a=b; __Host-session=v; c=d', 'v'],
    [HTTPS, 'session=v', undefined],
    [HTTPS, '__Secure-session=v', undefined],
    [HTTPS, '__Host-session=v; __Host-session=w', undefined],
    [HTTPS, '__Host-session=', undefined],
    [LOCAL, 'session=v', 'v'],
    [LOCAL, 'session=v; session=v', undefined],
    [{ secure: false, host: 'registry.example' }, 'session=v', undefined],
    [{ secure: false, host: undefined }, 'session=v', undefined],
  ])('is read at %j from %j as %j', (place, header, value) => {
    expect(cookie.read({ headers: { cookie: header } }, place)).toBe(value);
  });

  it('is not read where none came', () => {
    expect(cookie.read({ headers: {} }, HTTPS)).toBeUndefined();
  });
});

describe('a host that is this machine itself', () => {
  it.each([
    ['localhost', true],
    ['LOCALHOST:8001', true],
    ['app.localhost:8001', true],
    ['127.0.0.1:8001', true],
    ['127.1.2.3', true],
    ['[::1]:8001', true],
    ['localhost.example', false],
    ['127.0.0.1.example', false],
    ['registry.example', false],
    [undefined, false],
  ])('%j: %s', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });
});
