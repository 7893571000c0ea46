/**
 * Node's HTTP server and undici and nothing else: what any gateway on these two costs. No key, no limit, no log, no
 * time-out, no request bodies. Arguments: port, upstream URL.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool, type Dispatcher } from 'undici';

const [port = '0', upstream = ''] = process.argv.slice(2);
const MOUNT = '/api/mlflow';
const pool = new Pool(upstream);

/** Sends the answer on, in one write where its body came with one read. */
class Answer implements Dispatcher.DispatchHandler {
  readonly response: ServerResponse;
  private body: Buffer | undefined;

  constructor(response: ServerResponse) {
    this.response = response;
  }

  onRequestStart(): void {}

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    const raw = (controller.rawHeaders ?? []) as Buffer[];
    this.response.writeHead(status, endToEnd(raw.map((text) => text.toString('latin1'))));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.body) this.response.write(this.body);
    this.body = chunk;
  }

  onResponseEnd(): void {
    this.response.end(this.body);
  }

  onResponseError(): void {
    this.response.destroy();
  }
}

/** Without those that are for one connection alone; `Host` is undici's to say. */
function endToEnd(raw: readonly string[]): string[] {
  return raw.filter((_text, index) => !/^(?:connection|keep-alive|host)$/i.test(raw[index - (index % 2)]!));
}

createServer((request: IncomingMessage, response: ServerResponse) => {
  const path = (request.url ?? '').slice(MOUNT.length) || '/';
  const plan = { path, method: 'GET' as const, headers: endToEnd(request.rawHeaders) };
  pool.dispatch(plan, new Answer(response));
}).listen(Number(port), '127.0.0.1');
