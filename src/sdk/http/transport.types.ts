import type { AttemptEvent } from './attempt-event.js';
import type { RetryOptions } from './retry-policy.js';

/** What a request may carry besides JSON. */
export type RequestBody = string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array<ArrayBuffer>>;

/** The part of `fetch`'s second argument that this SDK uses. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: RequestBody;
  signal: AbortSignal;
  redirect: 'manual';
  /** Needed by Node and Chromium for a streamed body. */
  duplex?: 'half';
}

/** The global `fetch`, or anything that behaves like it. */
export type FetchLike = (url: string, init: FetchInit) => Promise<Response>;

/** What one call may override. */
export interface CallOptions {
  /** Cancels the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Until the whole answer is there; for streams the longest silence. 0 is no limit. */
  readonly timeoutMs?: number | undefined;
  readonly maxRetries?: number | undefined;
}

export interface TransportOptions {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** Value of `Authorization`, asked for at every attempt; undefined sends none. */
  readonly authorization?: (() => string | undefined) | undefined;
  readonly fetch?: FetchLike | undefined;
  readonly timeoutMs?: number | undefined;
  /** The longest answer that is read as JSON, bytes; streams have no limit. */
  readonly maxAnswerBytes?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  readonly onAttempt?: ((event: AttemptEvent) => void) | undefined;
  /** For tests: waits and chance. */
  readonly delay?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  readonly random?: (() => number) | undefined;
}

/** Members without which an object makes no sense: their types, or for a list what each of its objects needs. */
export interface Needs {
  readonly [member: string]: 'string' | 'number' | 'boolean' | readonly [Needs];
}

export interface TransportRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base URL, percent-encoded, with its slash. */
  readonly path: string;
  readonly query?: URLSearchParams | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** A function makes a new one for every attempt. */
  readonly body?: RequestBody | (() => RequestBody) | undefined;
  readonly contentType?: string | undefined;
  /** Length of a streamed body where it is known, bytes. */
  readonly contentLength?: number | undefined;
  /** Whether doing it twice does no harm; GET and HEAD always are. A streamed body cannot be sent twice. */
  readonly repeatable?: boolean;
  /** Statuses of 400 and above that are answers here and not errors. */
  readonly expect?: readonly number[];
  /** In place of the transport's own `Authorization`; null sends none. */
  readonly authorization?: string | null;
  /** Secrets in the body, so that an echo of them never reaches an error. */
  readonly secrets?: readonly string[];
  /** Members without which a JSON answer makes no sense. */
  readonly needs?: Needs;
  /** Whether a JSON answer may have no body; it is then `{}`. */
  readonly mayBeEmpty?: boolean;
  /** Called while a streamed body is taken, so that progress counts as life. */
  readonly onBodyPulled?: (listener: () => void) => void;
}

/** An answer whose body has been read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}
