import type { IncomingMessage } from 'node:http';
import { LogCapture } from '../../../test/support/lib/log-capture.js';
import { ForwardedForNotice } from './forwarded-for-notice.js';
import { JsonLogger } from '../logging/logger.js';

function warningsAfter(
  trustedHops: number,
  requests: Record<string, string>[],
  event = 'forwarded_for_ignored',
  path = '/mlflow/x',
): number {
  const logs = new LogCapture();
  const notice = new ForwardedForNotice(trustedHops, new JsonLogger('info', logs), {
    askedDirectly: (_request, asked) => asked === '/internal/keys/invalidate',
  });
  for (const headers of requests) notice.look({ headers, socket: {} } as unknown as IncomingMessage, path);
  return logs.of(event).length;
}

describe('the notice about X-Forwarded-For', () => {
  const forwarded = { 'x-forwarded-for': '192.0.2.1' };

  it('comes once, however many requests carry the header', () => {
    expect(warningsAfter(0, [{}, forwarded, forwarded, forwarded])).toBe(1);
  });

  it('does not come where a proxy is trusted, nor without the header', () => {
    expect(warningsAfter(1, [forwarded])).toBe(0);
    expect(warningsAfter(0, [{}, {}])).toBe(0);
  });

  it('comes once where fewer addresses are named than proxies are trusted, but not for what is asked directly', () => {
    const missing = (hops: number, headers: Record<string, string>, path?: string): number =>
      warningsAfter(hops, [headers, headers], 'forwarded_for_missing', path);
    expect(missing(1, {})).toBe(1);
    expect(missing(2, forwarded)).toBe(1);
    expect(missing(1, forwarded)).toBe(0);
    expect(missing(0, {})).toBe(0);
    expect(missing(1, {}, '/health/ready')).toBe(0);
    expect(missing(1, {}, '/internal/keys/invalidate')).toBe(0);
  });
});
