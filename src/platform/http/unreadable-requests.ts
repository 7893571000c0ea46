import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Counter, type Registry } from 'prom-client';
import type { ErrorName } from '../../contracts/errors/error-codes.js';
import { PROBLEM_CONTENT_TYPE } from '../../contracts/errors/problem.js';
import { normalizeIp } from '../../lib/network/client-ip.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import type { Logger } from '../logging/logger.js';
import { underWayOn } from './connection-requests.js';

const NAMES: Readonly<Record<string, ErrorName>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_INVALID_TRANSFER_ENCODING: 'transfer-encoding-not-supported',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/**
 * Input that Node's parser refuses never becomes a request. It is answered on the socket, with the usual error body,
 * and is counted and logged.
 */
export class UnreadableRequests {
  private readonly total: Counter<'problem'>;

  constructor(
    registry: Registry,
    private readonly logger: Logger,
  ) {
    this.total = new Counter({
      name: 'http_unreadable_requests_total',
      help: 'Connections closed because what came on them was no request, by what it was refused as',
      labelNames: ['problem'],
      registers: [registry],
    });
  }

  /** For the server's `clientError`. */
  readonly answer = (error: NodeJS.ErrnoException, socket: Duplex): void => {
    // A client that closed the connection did not send a bad request. If a request was under way, the access log has
    // it.
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const problem = new ProblemError(NAMES[error.code ?? ''] ?? 'bad-request');
    const requestId = randomUUID();
    this.note(problem, requestId, error.code, socket as Socket);
    // Another request of the connection still has to be answered: this must not be taken for its answer.
    if (underWayOn(socket as Socket) > 0 && !isOwnBody(socket as Socket)) endWithAnswers(socket as Socket);
    // After other answers on the same connection a client could take this one for the answer to another request.
    else if ((socket as Socket).bytesWritten > 0) socket.destroy();
    else socket.end(textOf(problem, requestId));
  };

  private note(problem: ProblemError, requestId: string, code: string | undefined, socket: Socket): void {
    this.total.inc({ problem: problem.problem });
    const peer = socket.remoteAddress ?? '';
    this.logger.warn('request_unreadable', {
      request_id: requestId,
      status: problem.status,
      code: code ?? null,
      peer: normalizeIp(peer) ?? peer,
    });
  }
}

interface Answering extends Socket {
  // Node has no public way from a connection to its answer: docs/decisions/0018-private-parts-of-node-and-express.md.
  _httpMessage?: ServerResponse | null;
}

/** Whether what cannot be read is the body of the one request under way: the refusal is then its answer. */
function isOwnBody(socket: Answering): boolean {
  return underWayOn(socket) === 1 && socket._httpMessage?.req.complete === false;
}

/** Stops reading, sends the answers to earlier requests, and then closes the connection. */
function endWithAnswers(socket: Answering): void {
  socket.removeAllListeners('data');
  socket.on('data', () => undefined);
  const answer = socket._httpMessage;
  if (!answer) {
    socket.destroy();
    return;
  }
  if (underWayOn(socket) === 1) answer.shouldKeepAlive = false;
  answer.once('close', () => {
    if (underWayOn(socket) > 0) endWithAnswers(socket);
    else socket.destroySoon();
  });
}

function textOf(problem: ProblemError, requestId: string): string {
  const content = problem.toBody(requestId);
  const body = JSON.stringify(content);
  return (
    `HTTP/1.1 ${problem.status} ${content.title}\r\n` +
    `Content-Type: ${PROBLEM_CONTENT_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
    `X-Request-Id: ${requestId}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n${body}`
  );
}
