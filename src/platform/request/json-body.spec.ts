import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { ProblemError } from '../../lib/http/problem-error.js';
import { readBytes, readJsonObject } from './json-body.js';

const LIMIT = 20;

function request(chunks: readonly (string | Buffer)[], contentType = 'application/json'): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.headers['content-type'] = contentType;
  for (const chunk of chunks) message.push(Buffer.from(chunk));
  message.push(null);
  return message;
}
const outcome = (message: IncomingMessage): Promise<unknown> =>
  readJsonObject(message, LIMIT).catch(({ problem, reason, headers }: ProblemError) => [
    problem,
    ...(reason === undefined ? [] : [reason]),
    ...(Object.keys(headers).length === 0 ? [] : [headers]),
  ]);

it.each(['application/json', 'Application/JSON', 'application/json; charset=utf-8', 'application/json ;x=y'])(
  'an object as %s is read',
  async (contentType) => {
    expect(await outcome(request(['{"a":', '1}'], contentType))).toEqual({ a: 1 });
  },
);

it.each([
  '',
  'text/plain',
  'application/jsonp',
  'application/json-patch+json',
  'text/plain; application/json',
])('%j is another media type', async (contentType) => {
  expect(await outcome(request(['{}'], contentType))).toEqual(['unsupported-media-type']);
});

it('a character that two chunks share stays whole', async () => {
  const bytes = Buffer.from('{"a":"ü"}');
  expect(await outcome(request([bytes.subarray(0, 7), bytes.subarray(7)]))).toEqual({ a: 'ü' });
});

it.each([
  ['{', 'body is not JSON'],
  ['', 'body is not JSON'],
  ['[]', 'body is not an object'],
  ['null', 'body is not an object'],
  ['"a"', 'body is not an object'],
])('%j is refused: %s', async (body, reason) => {
  expect(await outcome(request([body]))).toEqual(['bad-request', reason]);
});

it('as many bytes as are allowed are read; one more is refused, and its connection not used again', async () => {
  const most = `{"a":"${'x'.repeat(LIMIT - 8)}"}`;
  expect(await outcome(request([most]))).toEqual({ a: 'x'.repeat(LIMIT - 8) });
  const more = request([most, ' ', 'y'.repeat(1000)]);
  expect(await outcome(more)).toEqual(['payload-too-large', { connection: 'close' }]);
  // The answer has yet to be sent on it.
  expect(more.destroyed).toBe(false);
});

it('a caller that leaves in the middle of its body made a bad request, and the gateway has no fault', async () => {
  const message = new IncomingMessage(new Socket());
  message.headers['content-type'] = 'application/json';
  message.push('{');
  const read = outcome(message);
  message.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  expect(await read).toEqual(['bad-request', 'body ended early']);
});

it('a body that does not come in time is refused, and its connection not used again', async () => {
  const message = new IncomingMessage(new Socket());
  message.push('{');
  const refusal = await readBytes(message, LIMIT, 1).catch(({ problem, headers }: ProblemError) => [
    problem,
    headers,
  ]);
  expect(refusal).toEqual(['request-timeout', { connection: 'close' }]);
  // The answer has yet to be sent on it.
  expect(message.destroyed).toBe(false);
});
