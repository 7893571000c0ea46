import type { IncomingMessage, ServerResponse } from 'node:http';
import { Registry } from 'prom-client';
import { ManualClock } from '../../../test/support/lib/manual-clock.js';
import { redactedTarget } from '../../lib/http/redacted-target.js';
import { LogFields } from '../logging/log-fields.js';
import { JsonLogger } from '../logging/logger.js';
import { RequestContext } from '../request/request-context.js';
import { RequestLog } from './request-log.js';

/** When the request ended; it began at 1,000 ms. */
const CLOCK = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 6) - 1012.5);
CLOCK.advance(1012.5);

function finish(
  url: string,
  more: Partial<RequestContext> = {},
  { status = 200, finished = true } = {},
): { line: Record<string, unknown>; raw: string; registry: Registry } {
  let raw = '';
  const registry = new Registry();
  const logger = new JsonLogger('info', { write: (text: string) => void (raw += text) });
  const log = new RequestLog(registry, logger, CLOCK, redactedTarget);
  const request = {
    url,
    method: 'GET',
    headers: {},
    socket: { remoteAddress: '192.0.2.1' },
  } as unknown as IncomingMessage;
  const context = Object.assign(new RequestContext(request, 0, 1000), more);
  log.finished(request, { statusCode: status, writableFinished: finished } as ServerResponse, context);
  return { line: JSON.parse(raw) as Record<string, unknown>, raw, registry };
}

describe('RequestLog', () => {
  it('writes one JSON line with what operators ask for', () => {
    const { line, raw } = finish('/api/mlflow/x?a=1', {
      route: 'mlflow',
      fields: new LogFields({ key_id: 'key-1', user_id: 'ü"', project: undefined }),
      bytesIn: 3,
      bytesOut: 4,
    });
    expect(line).toMatchObject({
      level: 'info',
      time: '2026-01-02T03:04:05.006Z',
      event: 'request',
      method: 'GET',
      path: '/api/mlflow/x?a=1',
      status: 200,
      duration_ms: 12.5,
      client_ip: '192.0.2.1',
      route: 'mlflow',
      key_id: 'key-1',
      user_id: 'ü"',
      bytes_in: 3,
      bytes_out: 4,
    });
    expect(line).not.toHaveProperty('project');
    expect(raw.endsWith('}\n')).toBe(true);
  });

  it('calls a client that left early 499', async () => {
    const { line, registry } = finish('/x', {}, { finished: false });
    expect(line['status']).toBe(499);
    expect(await registry.metrics()).toContain('status="499"');
  });

  it('quotes every string that a client chose', () => {
    const userId = '"\\\n\u0000\u001f\u007f\u2028\ud800 ü😀';
    const { line, raw } = finish('/x', {
      fields: new LogFields({ user_id: userId, key_id: 'plain' }),
      reason: '{"a":1}',
    });
    expect(line).toMatchObject({ user_id: userId, key_id: 'plain', reason: '{"a":1}' });
    expect(raw.split('\n')).toHaveLength(2);
  });

  it('cuts endless paths and escapes what a client chose', () => {
    const { line } = finish(`/"${'x'.repeat(5000)}`);
    expect((line['path'] as string).length).toBe(2048);
  });

  it('counts durations in buckets that rise from a millisecond to ten minutes, each at most five times the last', async () => {
    const text = await finish('/x').registry.metrics();
    const bounds = [...text.matchAll(/\ble="([\d.]+)"/g)].map(([, bound]) => Number(bound));
    expect([bounds[0], bounds.at(-1)]).toEqual([0.001, 600]);
    const steps = bounds.slice(1).map((bound, index) => bound / (bounds[index] as number));
    expect(Math.min(...steps)).toBeGreaterThan(1);
    expect(Math.max(...steps)).toBeLessThanOrEqual(5);
  });
});
