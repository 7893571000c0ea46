import { runProgram } from './children.ts';

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

/** What wrk measured in one run. Latencies in milliseconds. */
export interface WrkResult {
  requests: number;
  seconds: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers that were not 2xx or 3xx. */
  failed: number;
  /** Connections that broke or timed out. */
  socketErrors: number;
}

/** One thread, `connections` kept alive, for `seconds`. @throws Error where wrk fails */
export async function wrk(options: WrkOptions): Promise<WrkResult> {
  const headers = Object.entries(options.headers ?? {}).flatMap(([name, value]) => [
    '-H',
    `${name}: ${value}`,
  ]);
  const output = await runProgram(
    'wrk',
    [
      '-t1',
      `-c${options.connections ?? 32}`,
      `-d${options.seconds}s`,
      '--timeout',
      '10s',
      '--latency',
      ...headers,
      ...(options.script === undefined ? [] : ['-s', options.script]),
      options.url,
      ...(options.args ? ['--', ...options.args] : []),
    ],
    { timeoutMs: (options.seconds + 30) * 1000 },
  );
  return parseWrk(output);
}

const UNIT_MS: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function duration(text: string | undefined): number {
  const match = /^([\d.]+)(us|ms|s|m|h)$/.exec(text ?? '');
  return match ? Number(match[1]) * UNIT_MS[match[2]!]! : NaN;
}

/** Reads wrk 4's report. @throws Error where it is none */
export function parseWrk(output: string): WrkResult {
  const total = /(\d+) requests in ([\d.]+(?:us|ms|s|m|h)),/.exec(output);
  if (!total) throw new Error(`wrk said something else: ${output.slice(0, 300)}`);
  const requests = Number(total[1]);
  const seconds = duration(total[2]) / 1000;
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output);
  return {
    requests,
    seconds,
    requestsPerSecond: requests / seconds,
    p50Ms: duration(/^\s+50%\s+(\S+)/m.exec(output)?.[1]),
    p99Ms: duration(/^\s+99%\s+(\S+)/m.exec(output)?.[1]),
    failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0),
    socketErrors: errors ? errors.slice(1).reduce((sum, count) => sum + Number(count), 0) : 0,
  };
}
