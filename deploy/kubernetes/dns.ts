import { createSocket, type Socket } from 'node:dgram';

const HEADER_BYTES = 12;
const TYPE_A = 1;
const RESPONSE = 0x8180;
const NO_SUCH_NAME = 3;
const TTL_SECONDS = 1;

/** IPv4 address of a name, or undefined where there is no such name. */
export type Resolve = (name: string) => Promise<string | undefined>;

/**
 * A name server for the pods of a cluster that has none (RFC 1035): it knows addresses of Services alone, and answers one question
 * of a message.
 */
export async function startNameServer(address: string, resolve: Resolve, port = 53): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    void answerTo(query, resolve).then(
      (answer) => socket.send(answer, from.port, from.address),
      // The pod asks again.
      () => undefined,
    );
  });
  await new Promise<void>((done) => socket.bind(port, address, done));
  return socket;
}

/** @returns the question with its answer */
async function answerTo(query: Buffer, resolve: Resolve): Promise<Buffer> {
  const { name, end } = questionOf(query);
  const type = query.readUInt16BE(end);
  const address = await resolve(name);
  const records = address !== undefined && type === TYPE_A ? [address] : [];
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  header.writeUInt16BE(RESPONSE | (address === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const answers = records.map((one) => {
    const record = Buffer.alloc(16);
    // The name is the one of the question.
    record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
    record.writeUInt16BE(TYPE_A, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(TTL_SECONDS, 6);
    record.writeUInt16BE(4, 10);
    Buffer.from(one.split('.').map(Number)).copy(record, 12);
    return record;
  });
  return Buffer.concat([header, query.subarray(HEADER_BYTES, end + 4), ...answers]);
}

function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}
