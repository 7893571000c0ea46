import { request, type Agent, type IncomingMessage } from 'node:http';

export interface ExchangeOptions {
  url: string;
  method: string;
  headers: Record<string, string>;
  agent: Agent;
  /** Body to send; a number is that many bytes in pieces, announced by Content-Length. */
  body?: string | number;
  /** Leaves after that many milliseconds from the first sent byte or, for a stream, received one. */
  leaveAfterMs?: number;
  /** Longest wait for the whole answer. */
  deadlineMs: number;
}

/** How one request ended, as its client saw it. */
export interface Ended {
  /** complete: whole answer; truncated: head and then a broken body; left: by our own will; unanswered: none of it. */
  how: 'complete' | 'truncated' | 'left' | 'unanswered';
  status?: number;
  body: string;
  bytes: number;
  error?: string;
}

const PIECE = Buffer.alloc(64 * 1024, 1);
const KEPT_BODY = 4096;

/** One request, and what became of it; never rejects. */
export function exchange(options: ExchangeOptions): Promise<Ended> {
  return new Promise((resolve) => {
    const ended: Ended = { how: 'unanswered', body: '', bytes: 0 };
    const { body, leaveAfterMs } = options;
    const length = typeof body === 'number' ? body : Buffer.byteLength(body ?? '');
    const headers = { ...options.headers, ...(body !== undefined && { 'content-length': String(length) }) };
    const outgoing = request(options.url, { method: options.method, agent: options.agent, headers });
    const end = (how: Ended['how'], error?: string): void => {
      clearTimeout(deadline);
      clearTimeout(leaving);
      resolve({ ...ended, how, ...(error !== undefined && { error }) });
      outgoing.destroy();
    };
    const deadline = setTimeout(() => end('unanswered', 'the deadline passed'), options.deadlineMs);
    let leaving: NodeJS.Timeout | undefined;
    const leaveSoon = (): void => {
      if (leaveAfterMs !== undefined) leaving ??= setTimeout(() => end('left'), leaveAfterMs);
    };
    outgoing.on('error', (error) =>
      end(ended.status === undefined ? 'unanswered' : 'truncated', error.message),
    );
    outgoing.on('response', (response: IncomingMessage) => {
      ended.status = response.statusCode ?? 0;
      if (ended.status === 200) leaveSoon();
      response.on('data', (chunk: Buffer) => {
        ended.bytes += chunk.length;
        if (ended.body.length < KEPT_BODY) ended.body += chunk.toString('latin1');
      });
      response.on('end', () => end('complete'));
      response.on('error', (error) => end('truncated', error.message));
      response.on('close', () => end('truncated', 'the connection closed'));
    });
    if (typeof body === 'number') {
      // An upload that its client gives up stays unfinished: half of it is sent.
      sendPieces(outgoing, leaveAfterMs === undefined ? body : body / 2, leaveAfterMs === undefined);
      leaveSoon();
    } else outgoing.end(body);
  });
}

function sendPieces(to: ReturnType<typeof request>, bytes: number, finish: boolean): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0) {
      const piece = left >= PIECE.length ? PIECE : PIECE.subarray(0, left);
      left -= piece.length;
      if (to.destroyed) return;
      if (!to.write(piece)) return void to.once('drain', more);
    }
    if (finish) to.end();
  };
  more();
}
