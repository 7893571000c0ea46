import { Books, countsOf, countsOfLog, differences, gauge, sum } from './books.ts';
import type { Ended } from './exchange.ts';

const ended = (how: Ended['how'], status?: number): Ended => ({
  how,
  body: '',
  bytes: 0,
  ...(status !== undefined && { status }),
});

function books(...all: Ended[]): Books {
  const kept = new Books();
  for (const one of all) kept.enter(one, 'read');
  return kept;
}

const gateway = (counts: Record<string, number>): Map<string, number> => new Map(Object.entries(counts));

describe('the books of the soak', () => {
  it('agree when every answer was counted once', () => {
    const kept = books(ended('complete', 200), ended('complete', 200), ended('complete', 401));
    expect(differences(kept, gateway({ 200: 2, 401: 1 }))).toEqual([]);
    expect(kept.operations.get('read')).toBe(3);
  });

  it('leave room for requests that their clients left, and for answers that were cut', () => {
    const kept = books(ended('complete', 200), ended('left', 200), ended('left'), ended('truncated', 200));
    expect(differences(kept, gateway({ 200: 2, 499: 1, 502: 1 }))).toEqual([]);
  });

  it('tell a request that the gateway did not count', () => {
    const kept = books(ended('complete', 200), ended('complete', 200));
    expect(differences(kept, gateway({ 200: 1 }))).toEqual([
      'the gateway counted 1 requests, the clients 2',
      'the clients saw 2 answers of 200, the gateway counted 1',
    ]);
  });

  it('tell an answer that was counted under another status', () => {
    const kept = books(ended('complete', 503), ended('left'));
    expect(differences(kept, gateway({ 500: 1, 503: 1 }))).toEqual([
      'the gateway counted 1 answers of 500, the clients saw 0',
    ]);
  });

  it("read the gateway's own counts, of the route to MLflow alone", () => {
    const metrics = [
      'http_request_duration_seconds_count{route="mlflow_api",method="GET",status="200"} 7',
      'http_request_duration_seconds_count{route="mlflow_artifacts",method="POST",status="200"} 2',
      'http_request_duration_seconds_count{route="health",method="GET",status="200"} 9',
      'http_request_duration_seconds_bucket{le="1",route="mlflow_api",method="GET",status="200"} 7',
      'nodejs_active_handles_total 12',
    ].join('\n');
    expect(countsOf(metrics)).toEqual(gateway({ 200: 9 }));
    expect(gauge(metrics, 'nodejs_active_handles_total')).toBe(12);
    expect(gauge(metrics, 'absent')).toBeNaN();
  });

  it('read the access log, and no other event', () => {
    const log = [
      '{"level":"info","event":"request","status":200,"route":"mlflow_api"}',
      '{"level":"info","event":"request","status":200,"route":"health"}',
      '{"level":"warn","event":"redis_lost"}',
      '',
    ].join('\n');
    expect(countsOfLog(log)).toEqual(gateway({ 200: 1 }));
    expect(sum(countsOfLog(log))).toBe(1);
  });
});
