import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Counter, type Registry } from 'prom-client';
import type { ErrorName } from '../../contracts/error-codes.js';
import { PROBLEM_CONTENT_TYPE } from '../../contracts/problem.js';
import { normalizeIp } from '../../lib/client-ip.js';
import { ProblemError } from '../../lib/problem-error.js';
import type { Logger } from '../logging/logger.js';

const NAMES: Readonly<Record<string, ErrorName>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_INVALID_TRANSFER_ENCODING: 'transfer-encoding-not-supported',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/**
 * What Node's parser refuses never becomes a request: it is answered on the socket in the same body as
 * everything else, counted and logged.
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
    // A client that hung up is no fault of its request; one in the middle of a request is in the access log.
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const problem = new ProblemError(NAMES[error.code ?? ''] ?? 'bad-request');
    const requestId = randomUUID();
    this.note(problem, requestId, error.code, socket as Socket);
    // After other answers on the same connection this one could be taken for one of theirs.
    if ((socket as Socket).bytesWritten > 0) socket.destroy();
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

function textOf(problem: ProblemError, requestId: string): string {
  const content = problem.toBody(requestId);
  const body = JSON.stringify(content);
  return (
    `HTTP/1.1 ${problem.status} ${content.title}\r\n` +
    `Content-Type: ${PROBLEM_CONTENT_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
    `X-Request-Id: ${requestId}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n${body}`
  );
}
