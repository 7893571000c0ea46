import { tell } from './attempt-event.js';
import { DEFAULT_MAX_ANSWER_BYTES, MAX_ERROR_BYTES, readStart, readText } from './bounded-text.js';
import { Deadline, delay } from './deadline.js';
import { errorFromAnswer } from './error-mapping.js';
import {
  ConfigurationError,
  ConnectionError,
  type HokusaiError,
  TimeoutError,
  UnexpectedResponseError,
} from '../errors.js';
import { parseAnswer } from './json-answer.js';
import { checkCall, transportProblems } from '../option-checks.js';
import { redact } from './redaction.js';
import {
  type Fate,
  fateOfConnectionFault,
  fateOfStatus,
  retryDelayMs,
  type RetryPolicy,
  retryPolicyOf,
} from './retry-policy.js';
import { watchIdle } from './streams.js';
import type { Answer, CallOptions, TransportOptions, TransportRequest } from './transport.types.js';

export const DEFAULT_TIMEOUT_MS = 120_000;

type Outcome<T> = { value: T; status: number } | Failure;
interface Failure {
  error: HokusaiError;
  fate: Fate;
}

/** Sends requests by `fetch`: time-outs, retries of what is safe, errors as classes. Holds the credential privately. */
export class HttpTransport {
  readonly baseUrl: string;
  readonly #options: TransportOptions;
  readonly #policy: RetryPolicy;

  /** @throws ConfigurationError */
  constructor(options: TransportOptions) {
    const problems = transportProblems(options);
    if (problems.length > 0) throw new ConfigurationError(problems);
    this.baseUrl = options.baseUrl;
    this.#options = options;
    this.#policy = retryPolicyOf(options.retry);
  }

  /**
   * Sends, and gives the JSON object of the answer.
   *
   * @throws UnexpectedResponseError if it is not one, or lacks what the request needs
   */
  async json<T>(request: TransportRequest, options?: CallOptions): Promise<T> {
    return parseAnswer(request, await this.answer(request, options)) as T;
  }

  /** Sends and reads the body as text. */
  answer(request: TransportRequest, options: CallOptions = {}): Promise<Answer> {
    return this.#repeat(request, options, async (response, deadline) => {
      const text = await readText(response, this.#options.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES);
      deadline.dispose();
      return { status: response.status, headers: response.headers, text };
    });
  }

  /** Sends and leaves the body to be read as it comes; the time-out goes on as the longest silence. */
  stream(
    request: TransportRequest,
    options: CallOptions = {},
  ): Promise<{ headers: Headers; body: ReadableStream<Uint8Array<ArrayBuffer>> }> {
    return this.#repeat(request, options, (response, deadline) => {
      const describe = (error: unknown): unknown => this.#fault(error, deadline, request, options).error;
      return Promise.resolve({
        headers: response.headers,
        body: watchIdle(response.body, deadline, describe),
      });
    });
  }

  async #repeat<T>(
    request: TransportRequest,
    options: CallOptions,
    read: (response: Response, deadline: Deadline) => Promise<T>,
  ): Promise<T> {
    checkCall(options);
    const random = this.#options.random ?? Math.random;
    const policy = {
      ...this.#policy,
      ...(options.maxRetries !== undefined && { maxRetries: options.maxRetries }),
    };
    const replayable = !(request.body instanceof ReadableStream);
    const repeatable = request.repeatable ?? (request.method === 'GET' || request.method === 'HEAD');
    for (let attempt = 1; ; attempt++) {
      const startedMs = performance.now();
      const outcome = await this.#attempt(request, options, read);
      const retryInMs =
        'value' in outcome || !replayable
          ? undefined
          : retryDelayMs(policy, withRetryAfter(outcome), repeatable, attempt, random);
      this.#report(request, attempt, performance.now() - startedMs, outcome, retryInMs);
      if ('value' in outcome) return outcome.value;
      if (retryInMs === undefined) throw outcome.error;
      await (this.#options.delay ?? delay)(retryInMs, options.signal);
    }
  }

  async #attempt<T>(
    request: TransportRequest,
    options: CallOptions,
    read: (response: Response, deadline: Deadline) => Promise<T>,
  ): Promise<Outcome<T>> {
    options.signal?.throwIfAborted();
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const deadline = new Deadline(options.signal, timeoutMs);
    request.onBodyPulled?.(() => deadline.touch());
    try {
      const response = await this.#fetch(request, deadline.signal);
      deadline.touch();
      const fault = await this.#refusal(request, response);
      if (fault) {
        deadline.dispose();
        return fault;
      }
      return { value: await read(response, deadline), status: response.status };
    } catch (error) {
      deadline.dispose();
      return this.#fault(error, deadline, request, options);
    }
  }

  #fetch(request: TransportRequest, signal: AbortSignal): Promise<Response> {
    const query = request.query?.toString();
    const given = typeof request.body === 'function' ? request.body() : request.body;
    const body = request.json === undefined ? given : JSON.stringify(request.json);
    const contentType = request.contentType ?? (request.json === undefined ? undefined : 'application/json');
    const authorization = this.#authorization(request);
    const send = this.#options.fetch ?? ((url, init) => globalThis.fetch(url, init));
    return send(this.baseUrl + request.path + (query ? `?${query}` : ''), {
      method: request.method,
      headers: {
        ...(contentType && { 'content-type': contentType }),
        ...(request.contentLength !== undefined && { 'content-length': String(request.contentLength) }),
        ...(authorization && { authorization }),
      },
      ...(body !== undefined && { body }),
      ...(body instanceof ReadableStream && { duplex: 'half' as const }),
      signal,
      // Redirects are not followed, because they could send a write or the key to another server.
      redirect: 'manual',
    });
  }

  #authorization(request: TransportRequest): string | undefined {
    return request.authorization === undefined
      ? this.#options.authorization?.()
      : (request.authorization ?? undefined);
  }

  /** An answer that is an error: a redirect, or a status of 400 and above that was not expected. */
  async #refusal(request: TransportRequest, response: Response): Promise<Failure | undefined> {
    const { status } = response;
    if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
      await response.body?.cancel();
      const error = new UnexpectedResponseError(
        `${request.method} ${request.path} was answered with a redirect`,
        {
          status,
          troubleshooting:
            'Redirects are not followed, because they would carry your key along. Set the address that it leads to, with https:// and without doubled slashes.',
        },
      );
      return { error, fate: 'final' };
    }
    if (status < 400 || request.expect?.includes(status)) return undefined;
    const text = await readStart(response, MAX_ERROR_BYTES);
    const error = errorFromAnswer({ status, headers: response.headers, text }, (raw) =>
      this.#redact(raw, request),
    );
    return { error, fate: fateOfStatus(status, /"type"\s*:\s*"([^"]+)"/.exec(text)?.[1]) };
  }

  /** Removes the credential from a server's text, with and without its scheme, so that it is never in an error. */
  #redact(text: string, request: TransportRequest): string {
    const authorization = this.#authorization(request) ?? '';
    const secrets = [authorization.slice(authorization.indexOf(' ') + 1), ...(request.secrets ?? [])];
    return redact(text, secrets);
  }

  #fault(error: unknown, deadline: Deadline, request: TransportRequest, options: CallOptions): Failure {
    if (options.signal?.aborted) throw options.signal.reason;
    if (error instanceof UnexpectedResponseError) return { error, fate: 'final' };
    const what = `${request.method} ${new URL(this.baseUrl).origin}${request.path}`;
    if (deadline.timedOut)
      return { error: new TimeoutError(`${what} had no answer in time`), fate: 'unknown' };
    const fate = fateOfConnectionFault(error);
    return { error: new ConnectionError(`${what} could not be completed`, { cause: error }), fate };
  }

  #report<T>(
    request: TransportRequest,
    attempt: number,
    durationMs: number,
    outcome: Outcome<T>,
    retryInMs?: number,
  ): void {
    const { onAttempt } = this.#options;
    if (!onAttempt) return;
    const { method, path } = request;
    const status = 'value' in outcome ? outcome.status : outcome.error.status;
    tell(onAttempt, {
      ...{ method, path, attempt, durationMs },
      ...(status !== undefined && { status }),
      ...('error' in outcome && { error: outcome.error.name }),
      ...(retryInMs !== undefined && { retryInMs }),
    });
  }
}

function withRetryAfter(failure: Failure): { fate: Fate; retryAfterSeconds?: number | undefined } {
  const { retryAfterSeconds } = failure.error as { retryAfterSeconds?: number };
  return { fate: failure.fate, retryAfterSeconds };
}
