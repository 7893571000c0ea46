import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AnswerWriter } from '../../../src/gateway/mlflow-proxy/answer-writer.js';

describe('a head that Node does not send', () => {
  let server: Server;
  const errors: Error[] = [];
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const answered = async (pieces: (writer: AnswerWriter) => void): Promise<[number, string]> => {
    errors.length = 0;
    server = createServer((_request, response) => {
      const writer = new AnswerWriter(
        response,
        { bytesOut: 0 },
        {
          pause: () => undefined,
          resume: () => undefined,
          unsendable: (error) => {
            errors.push(error);
            response.writeHead(502).end('in its place');
          },
        },
        1000,
      );
      writer.start(200, 'OK', { headers: ['X-A', 'a\u0001b'], dated: true });
      pieces(writer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const response = await fetch(url, { headers: { connection: 'close' } });
    return [response.status, await response.text()];
  };

  it.each<[string, (writer: AnswerWriter) => void]>([
    ['alone', () => undefined],
    ['with a small body', (writer) => (writer.data(Buffer.from('abc')), writer.end(null))],
    ['with a large body', (writer) => (writer.data(Buffer.alloc(100_000)), writer.end(null))],
    ['with trailers', (writer) => writer.end([Buffer.from('X-T'), Buffer.from('t')])],
  ])('leaves room for another answer, and ends nothing else: %s', async (_title, pieces) => {
    expect(await answered(pieces)).toEqual([502, 'in its place']);
    expect(errors.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(['ERR_INVALID_CHAR']);
  });
});
