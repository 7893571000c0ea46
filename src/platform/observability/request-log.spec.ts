import type { IncomingMessage, ServerResponse } from 'node:http';
import { Registry } from 'prom-client';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { JsonLogger } from '../logging/logger.js';
import { RequestContext } from '../request/request-context.js';
import { RequestLog } from './request-log.js';

/** When the request ended; it began at 1,000 ms. */
const CLOCK = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5, 6) - 1012.5);
CLOCK.advance(1012.5);

const KEY = 'hk_live_abcdefghijklmnopqrstuvwxyz012345';

function finish(
  url: string,
  more: Partial<RequestContext> = {},
  { status = 200, finished = true } = {},
): { line: Record<string, unknown>; raw: string; registry: Registry } {
  let raw = '';
  const registry = new Registry();
  const logger = new JsonLogger('info', { write: (text: string) => void (raw += text) });
  const log = new RequestLog(registry, logger, CLOCK);
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
      keyId: 'key-1',
      userId: 'ü"',
      cache: 'fresh',
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
      auth_cache: 'fresh',
      bytes_in: 3,
      bytes_out: 4,
    });
    expect(raw.endsWith('}\n')).toBe(true);
  });

  it('calls a client that left early 499', async () => {
    const { line, registry } = finish('/x', {}, { finished: false });
    expect(line['status']).toBe(499);
    expect(await registry.metrics()).toContain('status="499"');
  });

  it.each([
    `/x?api_key=${KEY}`,
    `/x?a=1&api_key=${KEY}&b=2`,
    `/x?API_KEY=${KEY}`,
    `/x?access_token=${KEY}`,
    `/x?client_secret=anything-${KEY}`,
    `/x/${KEY}/y`,
    `/x?note=${KEY}`,
    `/x?path=models%2F${KEY}`,
    `/x?p=1?api_key=${KEY}`,
    `/x?api%5Fkey=${KEY}`,
    `/x/${KEY.replaceAll('_', '%5F')}/y`,
    `/mlflow/%68${KEY.slice(1)}`,
    `/mlflow/h%6B${KEY.slice(2)}/y`,
    `/mlflow/hk_%6cive${KEY.slice(7)}?a=%zz`,
    `/mlflow/a%2Fhk%5Flive%5F${[...KEY.slice(8)].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')}`,
    `/x?a=%68${KEY.slice(1)}`,
    `/x?a=1&note=see%20%68${KEY.slice(1)}%20there`,
    `/x;api_key=of-another-shape-${KEY.slice(8)}/y`,
    `/x?auth=of-another-shape-${KEY.slice(8)}`,
    `/x?Authorization=of-another-shape-${KEY.slice(8)}`,
    `/x?sig=of-another-shape-${KEY.slice(8)}`,
    `/x?api_k%65y=of-another-shape-${KEY.slice(8)}`,
  ])('keeps a key out of the line: %s', (url) => {
    const { raw } = finish(url);
    expect(raw).not.toContain(KEY.slice(8));
    expect(raw).toContain('REDACTED');
  });

  it.each([2000, 2030, 2045])('keeps a key out that the cut goes through, from %i on', (from) => {
    for (const lead of [
      `/x?a=${'a'.repeat(from)}&api_key=`,
      `/x?a=${'a'.repeat(from)}`,
      `/${'a'.repeat(from)}`,
    ])
      expect(finish(lead + KEY).raw).not.toContain(KEY.slice(8, 12));
  });

  it('leaves out all of an encoded part from its key on, and parts without one as they came', () => {
    expect(finish('/x/my_test%20run?a=%68k_live_abc%2Fdef%2E&b=c%20d').line['path']).toBe(
      '/x/my_test%20run?a=REDACTED&b=c%20d',
    );
  });

  it('quotes what a client chose, whatever it holds', () => {
    const userId = '"\\\n\u0000\u001f\u007f\u2028\ud800 ü😀';
    const { line, raw } = finish('/x', { userId, keyId: 'plain', reason: '{"a":1}' });
    expect(line).toMatchObject({ user_id: userId, key_id: 'plain', reason: '{"a":1}' });
    expect(raw.split('\n')).toHaveLength(2);
  });

  it.each(['?', '?key', 'key', '&token', '?%', '=key', '?api_key='])(
    'takes no time over a query made to hold it up: %s, again and again',
    (piece) => {
      const startedAt = performance.now();
      finish(`/x?${piece.repeat(Math.floor(120_000 / piece.length))}`);
      // Milliseconds, where a search that tries every combination takes minutes.
      expect(performance.now() - startedAt).toBeLessThan(5000);
    },
  );

  it('cuts endless paths and escapes what a client chose', () => {
    const { line } = finish(`/"${'x'.repeat(5000)}`);
    expect((line['path'] as string).length).toBe(2048);
  });
});
