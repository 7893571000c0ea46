import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import type { Clock } from '../../platform/clock.js';
import type { KeyStanding } from '../principal/key-standing.js';
import type { Principal } from '../principal/principal.js';

/** How often the keys of exchanges are checked for their expiry. */
const SWEEP_EVERY_MS = 1000;

/** An exchange that is to end with its key. */
export interface KeyedExchange {
  readonly request: IncomingMessage;
  principal: Principal;
  /** Its index in the list of open exchanges, which sets it. */
  place: number;
  /** Ends it in any state; does nothing if it is over. */
  refuse(problem: ProblemError): void;
}

/**
 * All exchanges under way, in a dense list. The abandoned tables of a set would make V8 keep dead objects, which took
 * a quarter of the requests per second. Hot path: docs/decisions/0023-flags-of-v8.md.
 *
 * When a key ends, its exchanges end too, also those that wait, upload or stream: they are checked again when the
 * facts about their key are invalidated, and when it expires.
 */
export class OpenExchanges {
  private readonly open: KeyedExchange[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly standing: KeyStanding,
    private readonly clock: Clock,
  ) {
    standing.onVoided((affects) => {
      this.judgeAll(({ principal }) => affects(principal));
    });
  }

  add(exchange: KeyedExchange): void {
    exchange.place = this.open.push(exchange) - 1;
    this.timer ??= setInterval(this.sweep, SWEEP_EVERY_MS).unref();
  }

  /** Exactly once for each that was added. */
  delete(exchange: KeyedExchange): void {
    const last = this.open.pop();
    if (last === undefined || last === exchange) return;
    this.open[exchange.place] = last;
    last.place = exchange.place;
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private readonly sweep = (): void => {
    // Nothing is open: the next exchange starts the timer again, so that an idle gateway sleeps.
    if (this.open.length === 0) this.stop();
    const nowMs = this.clock.now();
    this.judgeAll(({ principal: { facts } }) => facts.expiresAtMs !== null && facts.expiresAtMs <= nowMs);
  };

  private judgeAll(concerned: (exchange: KeyedExchange) => boolean): void {
    for (const exchange of this.open.filter(concerned)) void this.judge(exchange);
  }

  private async judge(exchange: KeyedExchange): Promise<void> {
    const verdict = await this.standing
      .judgeUnderWay(exchange.request, exchange.principal)
      .catch((cause: unknown) => new ProblemError('internal-error', { cause }));
    if (verdict instanceof ProblemError) exchange.refuse(verdict);
    else exchange.principal = verdict;
  }
}
