import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorName } from '../../contracts/errors/error-codes.js';
import { HEADER_REQUEST_ID } from '../../contracts/http/headers.js';
import type { UsedResources } from '../../contracts/access/used-resources.js';
import { clientIp } from '../../lib/network/client-ip.js';
import type { ProblemError } from '../../lib/http/problem-error.js';
import { parseTarget, type RequestTarget, type TargetFault } from '../../lib/http/request-target.js';
import { isUuid } from '../../lib/uuid.js';
import { LogFields } from '../logging/log-fields.js';
import type { Span } from './span.js';

const CONTEXT = Symbol('request context');
const PEER = Symbol('peer address');

/** A proxy asks whether it may forward a request. */
export interface Question {
  /** The request has a body that the proxy did not send. */
  readonly bodyWithheld: boolean;
}

/** Facts about a request that are known before any guard, and those that later parts add for the log. */
export class RequestContext {
  /** A UUID: the caller's `X-Request-Id` where it is one, else a new one. */
  readonly requestId: string;
  /** The client after trusted hops. */
  readonly clientIp: string;
  /** Whether the client spoke HTTPS to the outermost trusted proxy. */
  readonly secure: boolean;
  /** To be changed by `takeFor` alone. */
  target: RequestTarget;
  /** Why the target is refused, where it is. */
  readonly targetFault: TargetFault | undefined;

  /** Low-cardinality name of the route for metrics, such as `mlflow` or `health`. */
  route = 'unmatched';
  /** What the program says of the request for the log, such as who it is from. */
  fields = LogFields.NONE;
  /** Why a request was refused or failed; for the log alone. */
  reason: string | undefined = undefined;
  /** The problem that it was answered with, where it was. */
  problem: ErrorName | undefined = undefined;
  /** Status for the log where an answer that had begun was cut because its source broke. */
  cutStatus: number | undefined = undefined;
  /** Whether the request counts as use. */
  metered = true;
  /** The grants and things that decided it, for usage; undefined if nothing looked them up. */
  used: UsedResources | undefined = undefined;
  /** Set where the request is a question about another one. */
  question: Question | undefined = undefined;
  /** Whether it came with a browser's session instead of a key. */
  inSession = false;
  /** Its step in a trace, where traces are kept. */
  span: Span | undefined = undefined;
  /** Body bytes received from and sent to the client, as far as the proxy counted them. */
  bytesIn = 0;
  bytesOut = 0;

  constructor(
    request: IncomingMessage,
    trustedHops: number,
    /** Monotonic time of arrival, milliseconds. */
    readonly startedAtMs: number,
  ) {
    const headers = request.headers;
    const given = headers[HEADER_REQUEST_ID];
    this.requestId = typeof given === 'string' && isUuid(given) ? given.toLowerCase() : randomUUID();
    const peer = peerOf(request.socket);
    this.clientIp =
      trustedHops === 0
        ? peer
        : clientIp(peer, headers['x-forwarded-for'] as string | undefined, trustedHops);
    this.secure = isSecure(request, trustedHops);
    const target = parseTarget(request.url ?? '');
    if (typeof target === 'string') {
      this.target = { rawPath: '', rawQuery: '', path: '' };
      this.targetFault = target;
    } else {
      this.target = target;
      this.targetFault = undefined;
    }
  }

  /** The request is a question about another one: from here on, that one is checked, logged and counted. */
  takeFor(target: RequestTarget, question: Question): void {
    this.target = target;
    this.question = question;
  }

  /** To be called by whoever answers with a problem. */
  noteProblem({ problem, reason }: ProblemError): void {
    this.problem = problem;
    this.reason ??= reason ?? problem;
  }
}

interface Connection extends Socket {
  [PEER]?: string;
}

/**
 * Reads the address of a new connection's peer, once. When a request is read later, the peer may have reset the
 * connection, and `remoteAddress` would then be undefined.
 *
 * @returns false if the peer is gone already: there is no one to answer
 */
export function notePeer(socket: Connection): boolean {
  const { remoteAddress } = socket;
  if (remoteAddress === undefined) return false;
  socket[PEER] = clientIp(remoteAddress, undefined, 0);
  return true;
}

function peerOf(socket: Connection): string {
  return (socket[PEER] ??= clientIp(socket.remoteAddress ?? '', undefined, 0));
}

/** `X-Forwarded-Proto` counts from the right as `X-Forwarded-For` does; many proxies send one value only. */
function isSecure(request: IncomingMessage, trustedHops: number): boolean {
  if ((request.socket as { encrypted?: boolean }).encrypted) return true;
  const header = request.headers['x-forwarded-proto'];
  if (trustedHops === 0 || typeof header !== 'string') return false;
  const entries = header.split(',');
  return entries[Math.max(0, entries.length - trustedHops)]?.trim().toLowerCase() === 'https';
}

interface Holder {
  [CONTEXT]?: RequestContext;
}

export function attachContext(request: IncomingMessage, context: RequestContext): void {
  (request as Holder)[CONTEXT] = context;
}

/** The context of a request; every request that reaches Nest has one. */
export function contextOf(request: IncomingMessage): RequestContext {
  const context = (request as Holder)[CONTEXT];
  if (!context) throw new Error('request without context: it did not come through the platform server');
  return context;
}
