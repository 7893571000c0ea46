import { ProblemError } from '../../../lib/http/problem-error.js';
import type { AnswerFlow, AnswerSink } from './answer-shape.js';
import { checkedAnswer } from './checked-answer.js';

class Passed implements AnswerSink, AnswerFlow {
  readonly events: string[] = [];
  problem: ProblemError | undefined;

  start(status: number): void {
    this.events.push(`start ${status}`);
  }
  data(chunk: Buffer): void {
    this.events.push(chunk.toString());
  }
  end(): void {
    this.events.push('end');
  }
  pause(): void {
    this.events.push('pause');
  }
  resume(): void {
    this.events.push('resume');
  }
  replace(problem: ProblemError): void {
    this.problem = problem;
  }
}

describe('an answer that waits for a check', () => {
  let out: Passed;
  let decided: { pass(): void; fail(error: Error): void };
  let checks: number;
  const begin = (status = 200): AnswerSink => {
    const sink = checkedAnswer(() => {
      checks += 1;
      return new Promise((pass, fail) => (decided = { pass, fail }));
    })(out, out);
    sink.start(status, undefined, { headers: [], dated: true });
    return sink;
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  beforeEach(() => {
    out = new Passed();
    checks = 0;
  });

  it('pauses MLflow at its beginning, and is streamed after the check', async () => {
    const sink = begin();
    sink.data(Buffer.from('a'));
    expect(out.events).toEqual(['pause']);
    decided.pass();
    await turn();
    sink.data(Buffer.from('b'));
    sink.end(null);
    expect(out.events).toEqual(['pause', 'start 200', 'a', 'resume', 'b', 'end']);
  });

  it('may be over by then', async () => {
    const sink = begin();
    sink.data(Buffer.from('a'));
    sink.end(null);
    decided.pass();
    await turn();
    expect(out.events).toEqual(['pause', 'start 200', 'a', 'end']);
  });

  it('never passes where it is refused', async () => {
    const sink = begin();
    sink.data(Buffer.from('a'));
    const problem = new ProblemError('resource-forbidden');
    decided.fail(problem);
    await turn();
    sink.data(Buffer.from('b'));
    sink.end(null);
    expect([out.events, out.problem]).toEqual([['pause'], problem]);
  });

  it('never passes where the check itself fails', async () => {
    begin();
    decided.fail(new TypeError('x'));
    await turn();
    expect([out.events, out.problem?.problem]).toEqual([['pause'], 'answer-unreadable']);
  });

  it.each([304, 404, 500])('of status %d passes unchecked', (status) => {
    const sink = begin(status);
    sink.data(Buffer.from('a'));
    sink.end(null);
    expect([checks, out.events]).toEqual([0, [`start ${status}`, 'a', 'end']]);
  });
});
