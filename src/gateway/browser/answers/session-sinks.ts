import { headerOf, type AnswerSink } from '../../mlflow-proxy/answers/answer-shape.js';
import type { AnswerHead } from '../../mlflow-proxy/headers/answer-headers.js';
import { without } from '../../mlflow-proxy/headers/request-headers.js';

/** MLflow's page has 701 bytes; what is much larger is something else and passes as it is. */
const LARGEST_PAGE = 64 * 1024;
const OF_BYTES = ['content-length', 'etag', 'accept-ranges', 'transfer-encoding'];

type Trailers = readonly (Buffer | string)[] | null | undefined;

/** Puts a script before all others of an HTML page. */
export class ScriptedPage implements AnswerSink {
  private held: { status: number; text: string | undefined; head: AnswerHead; chunks: Buffer[] } | undefined;
  private size = 0;

  constructor(
    private readonly next: AnswerSink,
    private readonly tag: string,
  ) {}

  start(status: number, text: string | undefined, head: AnswerHead): void {
    const { headers } = head;
    const isPlainPage =
      status === 200 &&
      /^text\/html\b/i.test(headerOf(headers, 'content-type') ?? '') &&
      headerOf(headers, 'content-encoding') === undefined;
    if (isPlainPage) this.held = { status, text, head, chunks: [] };
    else this.next.start(status, text, head);
  }

  data(chunk: Buffer): void {
    if (!this.held) return this.next.data(chunk);
    this.held.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size > LARGEST_PAGE) this.release();
  }

  end(trailers: Trailers): void {
    const { held } = this;
    if (!held) return this.next.end(trailers);
    const page = Buffer.concat(held.chunks).toString('latin1');
    const body = Buffer.from(
      page.replace(/<head(?:\s[^>]*)?>/i, (head) => head + this.tag),
      'latin1',
    );
    const headers = [...without(held.head.headers, OF_BYTES), 'Content-Length', String(body.length)];
    this.next.start(held.status, held.text, { ...held.head, headers });
    this.next.data(body);
    this.next.end(null);
  }

  private release(): void {
    const { held } = this;
    if (!held) return;
    this.held = undefined;
    this.next.start(held.status, held.text, held.head);
    for (const chunk of held.chunks) this.next.data(chunk);
  }
}

/** Replaces MLflow's answer, if its status asks for that. */
export class ReplacedAnswer implements AnswerSink {
  private replaced = false;

  /** @param instead what to say instead of an answer of that status; undefined leaves it as it is */
  constructor(
    private readonly next: AnswerSink,
    private readonly instead: (status: number) => { status: number; body: object } | undefined,
  ) {}

  start(status: number, text: string | undefined, head: AnswerHead): void {
    const other = this.instead(status);
    if (!other) return this.next.start(status, text, head);
    this.replaced = true;
    const body = Buffer.from(JSON.stringify(other.body));
    const kept = without(head.headers, [...OF_BYTES, 'content-type', 'content-encoding', 'allow']);
    const headers = [...kept, 'Content-Type', 'application/json', 'Content-Length', String(body.length)];
    this.next.start(other.status, undefined, { ...head, headers });
    this.next.data(body);
  }

  data(chunk: Buffer): void {
    if (!this.replaced) this.next.data(chunk);
  }

  end(trailers: Trailers): void {
    this.next.end(this.replaced ? null : trailers);
  }
}
