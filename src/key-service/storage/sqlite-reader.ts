import { Worker } from 'node:worker_threads';

/** A read: SQL text with its values. */
export interface ReadQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

interface Answer {
  id: number;
  rows?: unknown[];
  error?: { message: string; errcode?: number };
}

/** The code of the thread. It is a string, not a file, so that it works from sources and from a build. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(workerData.path, { readOnly: true, timeout: 2000 });
parentPort.on('message', ({ id, sql, parameters }) => {
  try {
    parentPort.postMessage({ id, rows: database.prepare(sql).all(...parameters) });
  } catch (error) {
    parentPort.postMessage({ id, error: { message: error.message, errcode: error.errcode } });
  }
});`;

/** Reads a SQLite file on a thread of its own, one query after the other: the event loop goes on meanwhile. */
export class SqliteReader {
  private worker: Worker | undefined;
  private nextId = 0;
  private readonly waiting = new Map<number, PromiseWithResolvers<unknown[]>>();

  constructor(private readonly path: string) {}

  /** Whether the thread is there; the first read starts it. */
  get isStarted(): boolean {
    return this.worker !== undefined;
  }

  /** @throws SQLite's error with its `errcode`, or what ended the thread */
  read(query: ReadQuery): Promise<unknown[]> {
    const id = this.nextId++;
    const answer = Promise.withResolvers<unknown[]>();
    this.waiting.set(id, answer);
    this.worker ??= this.start();
    this.worker.postMessage({ id, sql: query.sql, parameters: query.parameters });
    return answer.promise;
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(PROGRAM, { eval: true, workerData: { path: this.path } });
    worker.unref();
    worker.on('message', ({ id, rows, error }: Answer) => {
      const answer = this.waiting.get(id);
      this.waiting.delete(id);
      if (error) answer?.reject(Object.assign(new Error(error.message), { errcode: error.errcode }));
      else answer?.resolve(rows ?? []);
    });
    let fault: unknown = new Error('the reading thread has ended');
    worker.on('error', (error: unknown) => {
      fault = error;
    });
    worker.on('exit', () => {
      this.worker = undefined;
      for (const answer of this.waiting.values()) answer.reject(fault);
      this.waiting.clear();
    });
    return worker;
  }
}
