import { ProblemError } from '../../../lib/http/problem-error.js';
import type { AnswerFilter, AnswerRoom } from '../../principal/forward-plan.js';
import type { AnswerFlow, AnswerSink } from './answer-shape.js';
import { filteredAnswer } from './filtered-answer.js';

const JSON_HEADERS = [
  'Content-Type',
  'application/json',
  'Content-Length',
  '999',
  'ETag',
  '"x"',
  'X-Other',
  'y',
];

/** What came out: status, headers, body, and the problem that is sent in place of it. */
class Passed implements AnswerSink, AnswerFlow {
  status: number | undefined;
  headers: readonly string[] = [];
  body = '';
  ended = false;
  problem: ProblemError | undefined;

  start(status: number, _text: string | undefined, head: { readonly headers: readonly string[] }): void {
    this.status = status;
    this.headers = head.headers;
  }
  data(chunk: Buffer): void {
    this.body += chunk.toString();
  }
  end(): void {
    this.ended = true;
  }
  pause(): void {}
  resume(): void {}
  replace(problem: ProblemError): void {
    this.problem = problem;
  }
}

const shout: AnswerFilter = { maxBytes: 10, change: (body) => Buffer.from(`${body.toString()}!`) };

async function passed(
  pieces: readonly string[],
  {
    status = 200,
    headers = JSON_HEADERS,
    filter = shout,
    method = 'GET',
    room = undefined as AnswerRoom | undefined,
  } = {},
): Promise<Passed> {
  const out = new Passed();
  const sink = filteredAnswer(filter, method, room)(out, out);
  sink.start(status, undefined, { headers, dated: true });
  for (const piece of pieces) sink.data(Buffer.from(piece));
  sink.end(null);
  await new Promise((resolve) => setImmediate(resolve));
  return out;
}

describe('an answer that is filtered', () => {
  it('is held until it is complete, and sent as the filter returns it, with headers that fit the new body', async () => {
    expect(await passed(['"12345', '678"'])).toMatchObject({
      status: 200,
      headers: ['Content-Type', 'application/json', 'X-Other', 'y', 'Content-Length', '11'],
      body: '"12345678"!',
      ended: true,
      problem: undefined,
    });
  });

  it.each([[['"12345678', '9"']], [['"123456789"']], [['"1', '2', '3', '4', '5', '6', '7', '8', '9', '"']]])(
    'that is longer than the filter holds never passes, in however many pieces it comes: %j',
    async (pieces) => {
      const { status, body, problem, ended } = await passed(pieces);
      expect({ status, body, ended }).toEqual({ status: undefined, body: '', ended: false });
      expect(problem).toMatchObject({ problem: 'answer-unreadable', reason: 'long_answer' });
    },
  );

  it.each([
    ['another type', ['Content-Type', 'text/html']],
    ['no type', []],
    ['an encoding', [...JSON_HEADERS, 'Content-Encoding', 'gzip']],
  ])('never passes with %s', async (_title, headers) => {
    const { status, body, problem } = await passed(['{}'], { headers });
    expect({ status, body }).toEqual({ status: undefined, body: '' });
    expect(problem).toMatchObject({ problem: 'answer-unreadable', reason: 'unreadable_answer' });
  });

  it.each([300, 404, 500])('passes as it is with status %d', async (status) => {
    expect(await passed(['a long text of', ' MLflow'], { status })).toMatchObject({
      status,
      headers: JSON_HEADERS,
      body: 'a long text of MLflow',
      ended: true,
    });
  });

  it('counts while it is held, with what is made of it, and never passes where there is no room', async () => {
    const counted: number[] = [];
    const room: AnswerRoom = {
      grow: (bytes) => {
        counted.push(bytes);
        if (bytes > 10) throw new ProblemError('key-overloaded');
      },
    };
    expect((await passed(['{}'], { room })).body).toBe('{}!');
    const { status, body, problem } = await passed(['{"a"', ':1', '}'], { room });
    expect([status, body, problem]).toEqual([
      undefined,
      '',
      expect.objectContaining({ problem: 'key-overloaded' }),
    ]);
    expect(counted).toEqual([6, 12]);
  });

  it('to a HEAD has no body and no length', async () => {
    expect(await passed([], { method: 'HEAD' })).toMatchObject({
      headers: ['Content-Type', 'application/json', 'X-Other', 'y'],
      body: '',
      ended: true,
    });
  });

  it('is replaced by the problem of the filter, and by a fault where the filter cannot read it', async () => {
    const failing = (error: Error): AnswerFilter => ({ maxBytes: 10, change: () => Promise.reject(error) });
    const missing = new ProblemError('resource-forbidden');
    expect((await passed(['{}'], { filter: failing(missing) })).problem).toBe(missing);
    expect((await passed(['{}'], { filter: failing(new TypeError('no list')) })).problem).toMatchObject({
      problem: 'answer-unreadable',
      reason: 'unreadable_answer',
    });
  });
});
