import { descriptors, residentMb } from '../lib/process-stats.ts';
import { slope } from '../lib/stats.ts';

interface Sample {
  atMs: number;
  mb: number;
  open: number;
  sockets: number;
}

export interface LeakReport {
  firstMb: number;
  lastMb: number;
  peakMb: number;
  /** Of the lowest sample of each part of the second half: garbage that waits is no leak. MB a minute. */
  slopeMbPerMinute: number;
  peakSockets: number;
}

const BUCKETS = 12;

/** Samples a process every second. */
export class LeakWatch {
  private readonly samples: Sample[] = [];
  private readonly timer: NodeJS.Timeout;
  private readonly pid: number;

  constructor(pid: number) {
    this.pid = pid;
    this.sample();
    this.timer = setInterval(() => this.sample(), 1000);
  }

  stop(): LeakReport {
    clearInterval(this.timer);
    return leakReport(this.samples);
  }

  private sample(): void {
    const mb = residentMb(this.pid);
    if (!Number.isNaN(mb)) this.samples.push({ atMs: performance.now(), mb, ...descriptors(this.pid) });
  }
}

export function leakReport(samples: readonly Sample[]): LeakReport {
  const half = samples.slice(Math.floor(samples.length / 2));
  const size = Math.max(1, Math.ceil(half.length / BUCKETS));
  const lows: [number, number][] = [];
  for (let from = 0; from < half.length; from += size) {
    const bucket = half.slice(from, from + size);
    const low = bucket.reduce((least, sample) => (sample.mb < least.mb ? sample : least));
    lows.push([low.atMs / 60_000, low.mb]);
  }
  return {
    firstMb: samples[0]?.mb ?? NaN,
    lastMb: samples.at(-1)?.mb ?? NaN,
    peakMb: Math.max(...samples.map(({ mb }) => mb)),
    slopeMbPerMinute: slope(lows),
    peakSockets: Math.max(...samples.map(({ sockets }) => sockets)),
  };
}
