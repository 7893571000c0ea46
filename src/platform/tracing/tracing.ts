import type { IncomingMessage } from 'node:http';
import type { Span } from '../request/span.js';

/** Traces of a program's requests. */
export abstract class Tracing {
  /** Starts the span of an incoming request; undefined if tracing is off. */
  abstract readonly begin: ((request: IncomingMessage, requestId: string) => Span) | undefined;
  /** Sends what waits, for a second at most. */
  abstract onApplicationShutdown(): Promise<void>;
}

export const NO_TRACING: Tracing = { begin: undefined, onApplicationShutdown: async () => {} };
