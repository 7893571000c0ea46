import type { IncomingMessage } from 'node:http';
import { attachContext, contextOf, RequestContext } from './request-context.js';

const UUID = '7f3c1a52-6f5e-4b57-9a43-0f3d0f1f7a11';

const request = (
  headers: Record<string, string>,
  url = '/api/mlflow/x?a=1',
  encrypted = false,
): IncomingMessage =>
  ({ url, headers, socket: { remoteAddress: '10.0.0.5', encrypted } }) as unknown as IncomingMessage;

describe('RequestContext', () => {
  it('keeps a request id that is a UUID and replaces any other', () => {
    expect(new RequestContext(request({ 'x-request-id': UUID.toUpperCase() }), 0, 0).requestId).toBe(UUID);
    for (const forged of ['', 'x'.repeat(500), 'a"b', `${UUID}\n`])
      expect(new RequestContext(request({ 'x-request-id': forged }), 0, 0).requestId).toMatch(
        /^[0-9a-f-]{36}$/,
      );
  });

  it('counts forwarding headers from the trusted side only', () => {
    const headers = { 'x-forwarded-for': '1.1.1.1, 203.0.113.7', 'x-forwarded-proto': 'http, https' };
    const trusted = new RequestContext(request(headers), 1, 0);
    expect([trusted.clientIp, trusted.secure]).toEqual(['203.0.113.7', true]);
    const untrusted = new RequestContext(request(headers), 0, 0);
    expect([untrusted.clientIp, untrusted.secure]).toEqual(['10.0.0.5', false]);
  });

  it('is secure on a socket with TLS', () => {
    expect(new RequestContext(request({}, '/', true), 0, 0).secure).toBe(true);
  });

  it('judges the target once', () => {
    expect(new RequestContext(request({}), 0, 0).target).toMatchObject({
      path: '/api/mlflow/x',
      rawQuery: '?a=1',
    });
    expect(new RequestContext(request({}, '/a/../b'), 0, 0).targetFault).toBe('dot-segment');
  });

  it('is found on its request, and missed loudly', () => {
    const own = request({});
    const context = new RequestContext(own, 0, 0);
    attachContext(own, context);
    expect(contextOf(own)).toBe(context);
    expect(() => contextOf(request({}))).toThrow('request without context');
  });
});
