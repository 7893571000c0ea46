import type { IncomingMessage } from 'node:http';
import { LogCapture } from '../../../test/support/log-capture.js';
import { ForwardedForNotice } from './forwarded-for-notice.js';
import { JsonLogger } from '../logging/logger.js';

function warningsAfter(trustedHops: number, requests: Record<string, string>[]): number {
  const logs = new LogCapture();
  const notice = new ForwardedForNotice(trustedHops, new JsonLogger('info', logs));
  for (const headers of requests) notice.look({ headers } as unknown as IncomingMessage);
  return logs.of('forwarded_for_ignored').length;
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
});
