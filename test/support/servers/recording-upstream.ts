import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived, byte for byte. */
export interface RecordedRequest {
  readonly method: string;
  /** Target as it stood in the request line. */
  readonly url: string;
  /** Names and values alternating, in the order and the case in which they came. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Trailers, where the body was chunked and had any. */
  readonly trailers: IncomingMessage['trailers'];
}

export type Answer = (request: RecordedRequest, response: ServerResponse) => void | Promise<void>;
/** Takes the request before its body was read; the recording is then without a body. */
export type RawAnswer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface RecordingUpstream {
  readonly url: string;
  readonly server: Server;
  /** Everything that arrived, oldest first. */
  readonly requests: RecordedRequest[];
  /** Replaces the answer to come; the first one is 200 `{}`. */
  answer(answer: Answer): void;
  /** Takes over before the body is read, for streams and broken connections; `undefined` gives it back. */
  raw(answer: RawAnswer | undefined): void;
  close(): Promise<void>;
}

/** With Node's five seconds, a busy machine that stands still so long would see a connection closed as it is used again. */
const KEEP_ALIVE_MS = 60_000;

/** An HTTP server on a free port that records what arrives and answers as the test says. */
export async function startRecordingUpstream(first?: Answer, port = 0): Promise<RecordingUpstream> {
  const requests: RecordedRequest[] = [];
  let current: Answer = first ?? ((_request, response) => sendJson(response, 200, {}));
  let raw: RawAnswer | undefined;
  const options = { maxHeaderSize: 256 * 1024, requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS };
  const server = createServer(options, (request, response) => {
    void handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (raw) {
      requests.push(record(request, Buffer.alloc(0)));
      await raw(request, response);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const recorded = record(request, Buffer.concat(chunks));
    requests.push(recorded);
    await current(recorded, response);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    requests,
    answer: (answer) => (current = answer),
    raw: (answer) => (raw = answer),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function record(request: IncomingMessage, body: Buffer): RecordedRequest {
  const { method = '', url = '', rawHeaders, headers, trailers } = request;
  return { method, url, rawHeaders: [...rawHeaders], headers, body, trailers };
}

/** Answers with a JSON body and nothing clever. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(text);
}
