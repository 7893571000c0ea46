import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { addOwnHeader, startOwnHeaders, withOwnHeaders } from './own-headers.js';

const response = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()));

describe('own headers', () => {
  it('join a flat list', () => {
    const answer = response();
    startOwnHeaders(answer, ['x-request-id', '1']);
    addOwnHeader(answer, 'ratelimit', 'r');
    expect(withOwnHeaders(answer, ['A', 'b'])).toEqual(['A', 'b', 'x-request-id', '1', 'ratelimit', 'r']);
    expect(answer.getHeaderNames()).toEqual([]);
  });

  it('are added to headers that were set one by one, and never replace them', () => {
    const answer = response();
    startOwnHeaders(answer, ['x-request-id', '1', 'x-own', '2']);
    answer.setHeader('X-Request-Id', 'set');
    expect(withOwnHeaders(answer, undefined)).toBeUndefined();
    expect(answer.getHeaders()).toEqual({ 'x-request-id': 'set', 'x-own': '2' });
  });

  it('leave a flat list to Node where headers were set before it', () => {
    const answer = response();
    startOwnHeaders(answer, ['x-own', '2']);
    answer.setHeader('connection', 'close');
    expect(withOwnHeaders(answer, ['A', 'b'])).toEqual(['A', 'b']);
    expect(answer.getHeaders()).toEqual({ connection: 'close', 'x-own': '2' });
  });

  it('are written once', () => {
    const answer = response();
    startOwnHeaders(answer, ['x-own', '2']);
    withOwnHeaders(answer, []);
    expect(withOwnHeaders(answer, [])).toEqual([]);
  });

  it('are plain headers on a response that knows nothing of them', () => {
    const answer = response();
    addOwnHeader(answer, 'x-own', '2');
    expect(answer.getHeader('x-own')).toBe('2');
  });
});
