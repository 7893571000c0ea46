import { Injectable } from '@nestjs/common';
import type { Dispatcher } from 'undici';
import { HEADER_WORKSPACE } from '../../../contracts/http/headers.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { Logger } from '../../../platform/logging/logger.js';
import { AccessConfig } from '../../config/access.config.js';
import { toAjaxDialect } from '../../mlflow-routes/judged-path.js';
import { MlflowUpstream } from '../../mlflow-upstream/mlflow-upstream.js';
import { AccessMetrics } from '../access.metrics.js';
import { Turns } from './turns.js';

/** MLflow's answer: the thing, or that it does not exist. */
export type LookupAnswer =
  | { readonly found: true; readonly body: unknown }
  /** `served` is false where MLflow has no such call. */
  | { readonly found: false; readonly served: boolean };

/** MLflow's workspace that is asked about; undefined where the gateway names none. */
export type Workspace = string | undefined;

/** The key for which the gateway asks. */
export interface AskedFor {
  readonly workspace: Workspace;
  /** One object per key with look-ups. Those that wait are served in turn, one per key. */
  readonly grants?: object;
}

/** What the gateway itself asks of MLflow. */
export interface OwnRequest extends AskedFor {
  readonly method: 'GET' | 'POST';
  /** Below the mount, with its query. */
  readonly path: string;
  /** JSON. */
  readonly body?: string | Buffer | undefined;
}

export interface OwnAnswer {
  readonly status: number;
  readonly bytes: Buffer;
}

/** Requests with MLflow at once, each replica. */
const MAX_AT_ONCE = 32;
const MAX_SEARCHES_AT_ONCE = 16;
const MAX_WAITING = 1024;
/** A run with 2,000 metrics is 371 KB. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const RETRY_AFTER_SECONDS = 1;

/**
 * Asks MLflow itself, over the proxy's connections and as the gateway, never with the client's key. Any failure is
 * thrown: what cannot be found out counts neither as allowed nor as forbidden.
 */
@Injectable()
export class MlflowLookup {
  private readonly headers: Readonly<Record<string, string>>;
  private readonly turns: Turns<object | undefined>;
  private readonly searchTurns: Turns<object | undefined>;
  private readonly underWay = new Map<string, Promise<LookupAnswer>>();

  constructor(
    private readonly upstream: MlflowUpstream,
    private readonly access: AccessConfig,
    private readonly metrics: AccessMetrics,
    private readonly logger: Logger,
  ) {
    const { serverAuthorization, keySharePercent: sharePercent } = upstream.config;
    this.turns = new Turns({ maxActive: MAX_AT_ONCE, maxWaiting: MAX_WAITING, sharePercent });
    this.searchTurns = new Turns({ maxActive: MAX_SEARCHES_AT_ONCE, maxWaiting: MAX_WAITING, sharePercent });
    this.headers = {
      accept: 'application/json',
      ...(serverAuthorization !== undefined && { authorization: serverAuthorization }),
    };
  }

  /**
   * Only one look-up per name is under way at a time; others who ask for it meanwhile share its answer.
   *
   * @param path below the mount, with its query
   * @throws ProblemError `lookup-unavailable`
   */
  get(path: string, { workspace, grants }: AskedFor): Promise<LookupAnswer> {
    const name = `${workspace ?? ''}\n${path}`;
    let answer = this.underWay.get(name);
    if (answer === undefined) {
      answer = this.getNow(path, { workspace, ...(grants && { grants }) }).finally(() =>
        this.underWay.delete(name),
      );
      this.underWay.set(name, answer);
    }
    return answer;
  }

  /**
   * The same with a look-up that starts now: the answer to an earlier one may be older than a change.
   *
   * @throws ProblemError `lookup-unavailable`
   */
  getNow(path: string, { workspace, grants }: AskedFor): Promise<LookupAnswer> {
    return this.ask({ method: 'GET', path, workspace, ...(grants && { grants }) });
  }

  /** @throws ProblemError `lookup-unavailable` */
  post(path: string, body: object, { workspace, grants }: AskedFor): Promise<LookupAnswer> {
    const text = JSON.stringify(body);
    return this.ask({ method: 'POST', path, body: text, workspace, ...(grants && { grants }) });
  }

  /**
   * Reads an answer; one of an unknown form is a fault as well.
   *
   * @throws ProblemError `lookup-unavailable`
   */
  read<Result>(path: string, reader: () => Result): Result {
    try {
      return reader();
    } catch (error) {
      return this.unavailable(path, error);
    }
  }

  /**
   * Makes a search of a client on its behalf. It has the client's time limit, and does not use the slots that look-ups
   * of other requests wait for.
   *
   * @returns an answer that says what was found, or what MLflow finds wrong with the search
   * @throws ProblemError `lookup-unavailable`
   */
  search(request: OwnRequest): Promise<OwnAnswer> {
    const timeoutMs = this.upstream.config.headersTimeoutSeconds * 1000;
    return this.inTurn(this.searchTurns, timeoutMs, request, async (signal) => {
      const answer = await this.send(request, signal);
      if (!isAboutSearch(answer)) throw new Error(`status ${answer.status}`);
      return answer;
    });
  }

  private ask(request: OwnRequest): Promise<LookupAnswer> {
    return this.inTurn(this.turns, this.access.lookupTimeoutMs, request, async (signal) => {
      const answer = answerOf(await this.send(request, signal));
      this.metrics.lookup(answer.found ? 'found' : 'missing');
      return answer;
    });
  }

  private async inTurn<Answer>(
    turns: Turns<object | undefined>,
    timeoutMs: number,
    { path, grants }: OwnRequest,
    work: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const signal = AbortSignal.timeout(timeoutMs);
    const leave = await turns
      .enter(grants, signal)
      .catch((error: unknown) => this.unavailable('turn', error));
    try {
      return await work(signal);
    } catch (error) {
      return this.unavailable(path, error);
    } finally {
      leave();
    }
  }

  private async send({ method, path, body, workspace }: OwnRequest, signal: AbortSignal): Promise<OwnAnswer> {
    const { basePath, dialect } = this.upstream.target;
    const options: Dispatcher.RequestOptions = {
      method,
      path: basePath + (dialect === 'ajax-api' ? toAjaxDialect(path) : path),
      headers: {
        ...this.headers,
        ...(workspace !== undefined && { [HEADER_WORKSPACE]: workspace }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      signal,
      ...(body !== undefined && { body }),
    };
    const response = await this.upstream.pool.request(options);
    return { status: response.statusCode, bytes: await bytesOf(response.body) };
  }

  private unavailable(what: string, error: unknown): never {
    this.metrics.lookup('unavailable');
    this.logger.warn('mlflow_lookup_failed', {
      // Without the query, which holds ids and names.
      lookup: what.split('?')[0],
      error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    });
    throw new ProblemError('lookup-unavailable', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      reason: 'lookup_unavailable',
      cause: error,
    });
  }
}

/**
 * Whether an answer is about the search itself. MLflow finds some faults of a request with status 500, such as a column
 * that `order_by` names twice, and says so in its own form; other words with that status are not about the request.
 */
function isAboutSearch({ status, bytes }: OwnAnswer): boolean {
  return status === 200 || status === 400 || (status === 500 && isMlflowError(bytes));
}

/** @throws Error for an answer that is neither that nor the other */
function answerOf({ status, bytes }: OwnAnswer): LookupAnswer {
  if (status === 200) return { found: true, body: JSON.parse(bytes.toString('utf8')) as unknown };
  if (status === 400 || status === 404 || status === 405)
    return { found: false, served: status === 400 || isMlflowError(bytes) };
  throw new Error(`status ${status}`);
}

async function bytesOf(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** MLflow's own refusals are JSON with a code; of a path that it does not serve, Flask and FastAPI speak without one. */
function isMlflowError(bytes: Buffer): boolean {
  try {
    const code = (JSON.parse(bytes.toString('utf8')) as { error_code?: unknown } | null)?.error_code;
    return typeof code === 'string' && code !== 'ENDPOINT_NOT_FOUND';
  } catch {
    return false;
  }
}
