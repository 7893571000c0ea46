import { parseWrk } from './wrk.ts';

const REPORT = `Running 2s test @ http://127.0.0.1:8001/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.81ms  402.11us  12.00ms   91.46%
    Req/Sec    17.71k     1.02k   19.02k    70.00%
  Latency Distribution
     50%    1.72ms
     75%    1.90ms
     90%    2.11ms
     99%  950.00us
  35244 requests in 2.00s, 11.02MB read
measured 2000123 us
latency 1500 us 20000
latency 1720 us 14892
latency 9000 us 352
latency 7184 us 352
latency 5368 us 352
latency 3552 us 352
`;

describe('the reader of wrk reports', () => {
  it('takes counts, rate and latencies in milliseconds, whatever unit wrk chose', () => {
    expect(parseWrk(REPORT, 32)).toEqual({
      requests: 35_244,
      seconds: 2,
      requestsPerSecond: 17_622,
      p50Ms: 1.5,
      p99Ms: 1.72,
      p99CorrectedMs: expect.closeTo(0.95),
      failed: 0,
      socketErrors: 0,
    });
  });

  it('counts refused answers and broken connections', () => {
    const report = `${REPORT}  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 17\n`;
    expect(parseWrk(report, 32)).toMatchObject({ failed: 17, socketErrors: 10 });
  });

  it('refuses what is no report', () => {
    expect(() => parseWrk('unable to connect', 1)).toThrow('wrk said something else: unable to connect');
  });
});
