import type { INestApplication } from '@nestjs/common';
import type { Server } from 'node:http';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { Clock } from '../clock.js';
import { Logger } from '../logging/logger.js';
import type { ServerState } from './server-state.js';

/** How often a server that closes looks for connections whose last answer is out. */
const SWEEP_EVERY_MS = 50;
/**
 * Turns of the event loop to wait for the ends of cut requests. A request that waited behind another answer may never
 * report its end.
 */
const LAST_TURNS = 10;

export interface ShutdownLimits {
  /** How long requests are still accepted; 0 unless given. */
  drainDelayMs?: number;
  /** How long requests in flight have from then on; 0 unless given. */
  timeoutMs?: number;
}

export interface ShutdownParts {
  readonly app: INestApplication;
  readonly server: Server;
  readonly state: ServerState;
  readonly cutAnswers: () => void;
}

/** Goes on serving for the delay, closes the port, waits for requests in flight or cuts them, and stops all parts. */
export async function shutDown(
  { app, server, state, cutAnswers }: ShutdownParts,
  { drainDelayMs = 0, timeoutMs = 0 }: ShutdownLimits = {},
): Promise<void> {
  const clock = app.get(Clock);
  const logger = app.get(Logger);
  const startedAtMs = clock.monotonicMs();
  state.drain();
  logger.info('draining', { delay_ms: drainDelayMs, in_flight: state.inFlight });
  if (drainDelayMs > 0) await pause(drainDelayMs);
  logger.info('closing', { timeout_ms: timeoutMs, in_flight: state.inFlight });
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Repeated, because a connection becomes idle when its answer is complete, and would then stay open for a minute.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY_MS);
  const timer = setTimeout(() => {
    state.beginCutting();
    cutAnswers();
    server.closeAllConnections();
  }, timeoutMs);
  server.closeIdleConnections();
  await closed;
  clearInterval(sweep);
  clearTimeout(timer);
  await endsOfRequests(state);
  await app.close();
  const durationMs = Math.round(clock.monotonicMs() - startedAtMs);
  logger.info('stopped', { duration_ms: durationMs, cut: state.cut + state.inFlight });
  // Once, after the last line: lines that are written during a flush may overtake earlier ones.
  logger.flush();
}

/** The server reports its close before the requests that were cut have ended and were logged. */
async function endsOfRequests(state: ServerState): Promise<void> {
  for (let turn = 0; turn < LAST_TURNS && state.inFlight > 0; turn++) await nextTurn();
}
