import {
  privateCacheControl,
  rewriteLocation,
  rewriteSetCookie,
  type UpstreamPlace,
} from './answer-rewrite.js';

const ROOT: UpstreamPlace = { host: 'mlflow:5000', basePath: '' };
const BELOW: UpstreamPlace = { host: 'mlflow:5000', basePath: '/tracking' };
const PLACE = { mount: '/api/mlflow', clientHost: 'gw.example' };

describe('rewriteLocation', () => {
  it.each([
    ['http://mlflow:5000/api/2.0/x?a=1#f', '/api/mlflow/api/2.0/x?a=1#f'],
    ['HTTPS://MLFLOW:5000', '/api/mlflow/'],
    ['//mlflow:5000/x', '/api/mlflow/x'],
    ['/x', '/api/mlflow/x'],
    ['x/y', 'x/y'],
    ['?page=2', '?page=2'],
    ['https://gw.example/api/2.0/x', '/api/mlflow/api/2.0/x'],
    ['https://gw.example/api/mlflow/x', 'https://gw.example/api/mlflow/x'],
    ['https://bucket.s3.example/key?X-Amz-Signature=1', 'https://bucket.s3.example/key?X-Amz-Signature=1'],
    ['http://mlflow:5000.evil.example/x', 'http://mlflow:5000.evil.example/x'],
    ['http://mlflow:5000@evil.example/', 'http://mlflow:5000@evil.example/'],
    ['s3://mlflow:5000/x', 's3://mlflow:5000/x'],
  ])('%s becomes %s', (location, expected) => {
    expect(rewriteLocation(location, ROOT, PLACE)).toBe(expected);
  });

  it.each([
    ['http://mlflow:5000/tracking/x', '/api/mlflow/x'],
    ['/tracking?x', '/api/mlflow?x'],
    ['/tracking', '/api/mlflow'],
    ['/trackingx', '/trackingx'],
    ['/other', '/other'],
  ])('below a base path %s becomes %s', (location, expected) => {
    expect(rewriteLocation(location, BELOW, PLACE)).toBe(expected);
  });
});

describe('rewriteSetCookie', () => {
  it.each([
    ['a=1; Path=/; HttpOnly', 'a=1; Path=/api/mlflow/; HttpOnly'],
    ['a=1;path=/x', 'a=1;path=/api/mlflow/x'],
    ['a=1; Secure', 'a=1; Secure'],
    ['a=1; Path=', 'a=1; Path='],
    ['path=/x; HttpOnly', 'path=/x; HttpOnly'],
  ])('%s becomes %s', (cookie, expected) => {
    expect(rewriteSetCookie(cookie, ROOT, '/api/mlflow')).toBe(expected);
  });

  it('takes the base path off', () => {
    expect(rewriteSetCookie('a=1; Path=/tracking', BELOW, '/mlflow')).toBe('a=1; Path=/mlflow/');
    expect(rewriteSetCookie('a=1; Path=/tracking/x', BELOW, '/mlflow')).toBe('a=1; Path=/mlflow/x');
  });
});

describe('privateCacheControl', () => {
  it.each([
    ['', 'private'],
    ['public', 'private'],
    ['public, max-age=60, s-maxage=600', 'private, max-age=60'],
    ['PUBLIC,S-MaxAge = 5,immutable', 'private, immutable'],
    ['no-store', 'private, no-store'],
    ['private="x-a, x-b", no-cache="set-cookie, public"', 'private, no-cache="set-cookie, public"'],
    ['publicity=1', 'private, publicity=1'],
  ])('"%s" becomes "%s"', (value, expected) => {
    expect(privateCacheControl(value)).toBe(expected);
  });
});
