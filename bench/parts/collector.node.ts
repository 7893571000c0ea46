/** A collector of traces that takes everything and keeps nothing. Argument: its port. */
import { createServer } from 'node:http';

const [port = 0] = process.argv.slice(2).map(Number);

createServer((request, response) => {
  request.resume().once('end', () => response.setHeader('content-type', 'application/json').end('{}'));
}).listen(port, '127.0.0.1');
