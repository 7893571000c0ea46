/** Takes uploads of any size and sends downloads of `?bytes=`, as fast as it can. Argument: port. */
import { createServer, type ServerResponse } from 'node:http';

const CHUNK = Buffer.alloc(1 << 20, 7);

function send(response: ServerResponse, bytes: number): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0) {
      const chunk = left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left);
      left -= chunk.length;
      if (!response.write(chunk)) return void response.once('drain', more);
    }
    response.end();
  };
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes });
  more();
}

const server = createServer({ requestTimeout: 0 }, (request, response) => {
  if (request.method !== 'PUT')
    return send(response, Number(new URL(request.url ?? '', 'http://x').searchParams.get('bytes')));
  let received = 0;
  request.on('data', (chunk: Buffer) => (received += chunk.length));
  request.on('end', () => response.end(JSON.stringify({ received })));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
