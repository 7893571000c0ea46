/** Stands for MLflow: answers searches, takes uploads, and answers after 2 s on a path with "slow". Argument: port. */
import { createServer } from 'node:http';

const SLOW_MS = 2000;

createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    const answer = (): unknown =>
      response.setHeader('content-type', 'application/json').end('{"experiments":[]}');
    if (request.url?.includes('slow') === true) setTimeout(answer, SLOW_MS);
    else answer();
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
