import { fileURLToPath } from 'node:url';
import { runProgram } from './children.ts';
import { latencyQuantileMs, sentOnly } from './wrk-latencies.ts';

export interface WrkOptions {
  url: string;
  headers?: Record<string, string>;
  seconds: number;
  /** Default 32. */
  connections?: number;
  /** Lua script and its arguments. */
  script?: string;
  args?: readonly string[];
}

/** What wrk measured in one run. Latencies in milliseconds, of requests that were sent. */
export interface WrkResult {
  requests: number;
  seconds: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** As wrk prints it: each stall also counted for requests that would have come meanwhile. */
  p99CorrectedMs: number;
  /** Answers that were not 2xx or 3xx. */
  failed: number;
  /** Connections that broke or timed out. */
  socketErrors: number;
}

const LATENCIES = fileURLToPath(new URL('latencies.lua', import.meta.url));

/** One thread, `connections` kept alive, for `seconds`. @throws Error where wrk fails */
export async function wrk(options: WrkOptions): Promise<WrkResult> {
  const headers = Object.entries(options.headers ?? {}).flatMap(([name, value]) => [
    '-H',
    `${name}: ${value}`,
  ]);
  const connections = options.connections ?? 32;
  const output = await runProgram(
    'wrk',
    [
      '-t1',
      `-c${connections}`,
      `-d${options.seconds}s`,
      '--timeout',
      '10s',
      '--latency',
      ...headers,
      '-s',
      LATENCIES,
      options.url,
      ...(options.args ? ['--', ...options.args] : []),
    ],
    { env: { BENCH_SCRIPT: options.script }, timeoutMs: (options.seconds + 30) * 1000 },
  );
  return parseWrk(output, connections);
}

const UNIT_MS: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function duration(text: string | undefined): number {
  const match = /^([\d.]+)(us|ms|s|m|h)$/.exec(text ?? '');
  return match ? Number(match[1]) * UNIT_MS[match[2]!]! : NaN;
}

/** Reads wrk 4's report and what `latencies.lua` adds to it. @throws Error where it is none */
export function parseWrk(output: string, connections: number): WrkResult {
  const total = /(\d+) requests in ([\d.]+(?:us|ms|s|m|h)),/.exec(output);
  const measuredUs = Number(/^measured (\d+) us$/m.exec(output)?.[1]);
  if (!total || !(measuredUs > 0)) throw new Error(`wrk said something else: ${output.slice(0, 300)}`);
  const requests = Number(total[1]);
  const seconds = duration(total[2]) / 1000;
  const corrected = new Map(
    [...output.matchAll(/^latency (\d+) us (\d+)$/gm)].map(([, us, count]) => [Number(us), Number(count)]),
  );
  const eachConnection = Math.trunc(requests / connections);
  const sent = eachConnection > 0 ? sentOnly(corrected, Math.trunc(measuredUs / eachConnection)) : corrected;
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output);
  return {
    requests,
    seconds,
    requestsPerSecond: requests / seconds,
    p50Ms: latencyQuantileMs(sent, 0.5),
    p99Ms: latencyQuantileMs(sent, 0.99),
    p99CorrectedMs: duration(/^\s+99%\s+(\S+)/m.exec(output)?.[1]),
    failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0),
    socketErrors: errors ? errors.slice(1).reduce((sum, count) => sum + Number(count), 0) : 0,
  };
}
