import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { randomUUID } from 'node:crypto';

/** What clients do to a deployment while something is done to it. */
export interface LoadOptions {
  /** Of the gateway, such as `https://registry.example`. */
  url: string;
  /** In turn; each must be good on every replica. */
  apiKeys: readonly string[];
  /** Searches per second, sent whether or not earlier ones are answered. */
  requestsPerSecond: number;
  /** Kept open and used again. */
  connections: number;
  /** Uploads of artifacts, each under way for `uploadSeconds`; one starts every second. */
  uploadBytes: number;
  uploadSeconds: number;
  /** A path that answers slowly, called twice a second. */
  slowPath?: string | undefined;
  deadlineMs?: number;
}

export interface Lost {
  readonly kind: 'search' | 'upload' | 'slow';
  /** Since the load began. */
  readonly afterMs: number;
  /** `503`, or the error of a connection that broke. */
  readonly what: string;
}

export interface LoadReport {
  readonly sent: Readonly<Record<Lost['kind'], number>>;
  /** Every answer that was not 200, and every request without one. */
  readonly lost: readonly Lost[];
  /** Of searches that were answered 200. */
  readonly p95Ms: number;
  /** Paths of what was uploaded. */
  readonly uploads: readonly string[];
}

export interface RunningLoad {
  /** Sends nothing new, waits for what is under way and says what became of all. */
  stop(): Promise<LoadReport>;
}

const SEARCH = '/api/mlflow/api/2.0/mlflow/experiments/search?max_results=1';
const ARTIFACTS = '/api/mlflow/api/2.0/mlflow-artifacts/artifacts/hokusai-verify';
const TICK_MS = 10;
const DEADLINE_MS = 20_000;
const PIECES = 20;
const TOO_LATE = 'no answer in time';

/** Starts an open loop of requests: their rate does not fall while answers are missing. */
export function startLoad(options: LoadOptions): RunningLoad {
  const load = new Load(options);
  load.start();
  return { stop: () => load.stop() };
}

class Load {
  private readonly sent = { search: 0, upload: 0, slow: 0 };
  private readonly lost: Lost[] = [];
  private readonly uploads: string[] = [];
  private readonly latencies: number[] = [];
  private readonly open = new Set<Promise<void>>();
  private readonly secure: boolean;
  private readonly agent: HttpAgent;
  private readonly startedAt = performance.now();
  private readonly options: LoadOptions;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: LoadOptions) {
    this.options = options;
    this.secure = options.url.startsWith('https:');
    const settings = { keepAlive: true, maxSockets: options.connections };
    this.agent = this.secure ? new HttpsAgent(settings) : new HttpAgent(settings);
  }

  start(): void {
    this.timer = setInterval(() => this.sendWhatIsDue(), TICK_MS);
  }

  async stop(): Promise<LoadReport> {
    clearInterval(this.timer);
    await Promise.all(this.open);
    this.agent.destroy();
    const sorted = this.latencies.sort((one, other) => one - other);
    const p95Ms = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? NaN;
    return { sent: this.sent, lost: this.lost, p95Ms, uploads: this.uploads };
  }

  private sendWhatIsDue(): void {
    const seconds = (performance.now() - this.startedAt) / 1000;
    while (this.sent.search < seconds * this.options.requestsPerSecond) this.search();
    while (this.options.uploadBytes > 0 && this.sent.upload < seconds) this.upload();
    while (this.options.slowPath !== undefined && this.sent.slow < seconds * 2)
      this.slow(this.options.slowPath);
  }

  private search(): void {
    const start = performance.now();
    this.exchange('search', this.requestTo(SEARCH), () =>
      this.latencies.push(performance.now() - start),
    ).end();
  }

  private slow(path: string): void {
    this.exchange('slow', this.requestTo(path)).end();
  }

  private upload(): void {
    const { uploadBytes, uploadSeconds } = this.options;
    const path = `${ARTIFACTS}/${randomUUID()}.bin`;
    this.uploads.push(path);
    const headers = { 'content-length': String(uploadBytes), 'content-type': 'application/octet-stream' };
    const outgoing = this.exchange('upload', this.requestTo(path, { method: 'PUT', headers }));
    let sentBytes = 0;
    const timer = setInterval(
      () => {
        const piece = Math.min(Math.ceil(uploadBytes / PIECES), uploadBytes - sentBytes);
        sentBytes += piece;
        if (!outgoing.destroyed) outgoing.write(Buffer.alloc(piece, 1));
        if (sentBytes < uploadBytes && !outgoing.destroyed) return;
        clearInterval(timer);
        outgoing.end();
      },
      (uploadSeconds * 1000) / PIECES,
    );
  }

  private requestTo(path: string, more: RequestOptions = {}): ClientRequest {
    const { apiKeys, url } = this.options;
    const apiKey = apiKeys[(this.sent.search + this.sent.upload) % apiKeys.length] ?? '';
    const send = this.secure ? httpsRequest : httpRequest;
    const headers = { authorization: `Bearer ${apiKey}`, ...more.headers };
    return send(url + path, { ...more, headers, agent: this.agent });
  }

  private exchange(kind: Lost['kind'], outgoing: ClientRequest, answered = (): void => {}): ClientRequest {
    this.sent[kind]++;
    const afterMs = Math.round(performance.now() - this.startedAt);
    const done = new Promise<void>((resolve) => {
      let over = false;
      const end = (what?: string): void => {
        if (over) return;
        over = true;
        clearTimeout(deadline);
        if (what === undefined) answered();
        else {
          this.lost.push({ kind, afterMs, what });
          if (what === TOO_LATE) outgoing.destroy();
        }
        resolve();
      };
      const deadline = setTimeout(() => end(TOO_LATE), this.options.deadlineMs ?? DEADLINE_MS);
      outgoing.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
      outgoing.once('response', (answer) => {
        answer.resume();
        answer.once('end', () => end(answer.statusCode === 200 ? undefined : String(answer.statusCode)));
        answer.once('close', () => end('answer cut short'));
      });
    });
    this.open.add(done);
    void done.then(() => this.open.delete(done));
    return outgoing;
  }
}

/** Removes what a load has uploaded. */
export async function removeUploads(url: string, apiKey: string, uploads: readonly string[]): Promise<void> {
  for (const path of uploads)
    await fetch(url + path, { method: 'DELETE', headers: { authorization: `Bearer ${apiKey}` } }).catch(
      () => undefined,
    );
}
