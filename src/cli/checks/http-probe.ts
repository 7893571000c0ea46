import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/**
 * HTTP requests with features that `fetch` does not have: any header, also `Host`; no redirects; and errors that say
 * which step failed.
 */

export interface ProbeRequest {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  timeoutMs?: number;
}

export interface ProbeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** From sending to the last byte. */
  readonly durationMs: number;
}

export type ProbeFault = 'dns' | 'refused' | 'timeout' | 'tls' | 'broken';

/** No answer. The message holds the host, never a header. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
  constructor(
    readonly fault: ProbeFault,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

const DEFAULT_TIMEOUT_MS = 5000;
/**
 * Largest answer that is read. No expected answer is near this size, and a server that never ends must not fill the
 * memory.
 */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Sends requests over connections that are kept open, so that the times of later requests do not include the
 * handshake.
 */
export class HttpProbe {
  private readonly http = new HttpAgent({ keepAlive: true, maxSockets: 4 });
  private readonly https = new HttpsAgent({ keepAlive: true, maxSockets: 4 });

  constructor(private readonly timeoutMs: number = DEFAULT_TIMEOUT_MS) {}

  /** @throws ProbeError where there is no whole answer in time */
  send(url: string, request: ProbeRequest = {}): Promise<ProbeAnswer> {
    const target = new URL(url);
    const secure = target.protocol === 'https:';
    const timeoutMs = request.timeoutMs ?? this.timeoutMs;
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? httpsRequest : httpRequest)(
        target,
        {
          method: request.method ?? 'GET',
          headers: { 'user-agent': 'hokusai-cli', ...lengthOf(request.body), ...request.headers },
          agent: secure ? this.https : this.http,
          signal: AbortSignal.timeout(timeoutMs),
        },
        (response) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > MAX_BODY_BYTES) response.destroy(new Error('the answer is too large'));
            else chunks.push(chunk);
          });
          response.on('error', (error) => reject(probeError(error, target, timeoutMs)));
          response.on('end', () => {
            const body = Buffer.concat(chunks);
            const durationMs = performance.now() - startedMs;
            const { statusCode: status = 0, headers } = response;
            resolve({ status, headers, body, text: body.toString('utf8'), durationMs });
          });
        },
      );
      outgoing.on('error', (error) => reject(probeError(error, target, timeoutMs)));
      outgoing.end(request.body);
    });
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }
}

/** The body as a JSON object; undefined if it is not one. */
export function jsonOf(answer: Pick<ProbeAnswer, 'text'>): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(answer.text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** An answer in a few words: its status and its error. */
export function summaryOf(answer: ProbeAnswer): string {
  const json = jsonOf(answer);
  const said = ['message', 'detail', 'title', 'error']
    .map((name) => json?.[name])
    .find((v) => typeof v === 'string');
  const text = said ?? (json ? '' : answer.text.replace(/<[^>]*>/g, ' '));
  const short = text.replace(/\s+/g, ' ').trim().slice(0, 160);
  return short === '' ? String(answer.status) : `${answer.status} "${short}"`;
}

function lengthOf(body: string | Buffer | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

const REFUSED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN']);

function probeError(error: Error, { host }: URL, timeoutMs: number): ProbeError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (error.name === 'TimeoutError' || error.name === 'AbortError' || code === 'ETIMEDOUT')
    return new ProbeError('timeout', `${host} did not answer within ${timeoutMs} ms`, error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new ProbeError('dns', `the name of ${host} cannot be resolved (${code})`, error);
  if (REFUSED.has(code)) return new ProbeError('refused', `${host} refuses the connection (${code})`, error);
  if (isTls(error, code))
    return new ProbeError('tls', `TLS to ${host} fails: ${error.message} (${code || 'no code'})`, error);
  return new ProbeError('broken', `the connection to ${host} broke (${code || error.message})`, error);
}

function isTls(error: Error, code: string): boolean {
  return (
    /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code) ||
    /certificate|ssl/i.test(error.message)
  );
}
