/**
 * Answers reads, uploads, downloads and event streams, and notes every header that holds a key: none may
 * come this far. Arguments: port, file for what should not have come.
 */
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const [port, leaksFile = ''] = process.argv.slice(2);

function events(response: ServerResponse, count: number, everyMs: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let sent = 0;
  const timer = setInterval(() => {
    response.write(`data: ${(sent += 1)}\n\n`);
    if (sent < count) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.once('close', () => clearInterval(timer));
}

function answer(request: IncomingMessage, response: ServerResponse, received: number): void {
  const url = new URL(request.url ?? '', 'http://upstream');
  const number = (name: string): number => Number(url.searchParams.get(name));
  if (url.pathname.endsWith('/events')) return events(response, number('count'), number('every_ms'));
  if (url.searchParams.has('whoami')) return void response.end(String(request.headers['x-hokusai-user-id']));
  if (url.searchParams.has('bytes')) return void response.end(Buffer.alloc(number('bytes'), 1));
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ received }));
}

createServer((request, response) => {
  if (request.rawHeaders.some((text) => text.includes('hk_live_')))
    appendFileSync(leaksFile, `${request.method} ${request.url}: ${request.rawHeaders.join(' ')}\n`);
  let received = 0;
  request.on('data', (chunk: Buffer) => (received += chunk.length));
  request.on('end', () => answer(request, response, received));
}).listen(Number(port), '127.0.0.1');
