import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import type { Principal } from './principal.js';

/** Checks the key of a request again: returns the present principal, or why the request is refused. */
export type KeyJudge = (request: IncomingMessage) => Promise<Principal | ProblemError>;

/** Says why a request may no longer go on for its principal, if it may not. */
export type PrincipalCheck = (request: IncomingMessage, principal: Principal) => ProblemError | undefined;

/** The same for a request that has passed all guards, by what it was let in with and what is known of its key now. */
export type UnderWayCheck = (
  request: IncomingMessage,
  before: Principal,
  now: Principal,
) => Promise<ProblemError | undefined>;

/**
 * Called when facts about some keys are invalidated, with a function that says whether a principal has one of these
 * keys.
 */
export type VoidListener = (affects: (principal: Principal) => boolean) => void;

/**
 * Connects authentication with the parts that serve long requests: a request that was allowed may still wait, upload
 * or stream when its key ends. Authentication reports invalidated facts and decides again; the other parts listen and
 * ask.
 */
@Injectable()
export class KeyStanding {
  private readonly listeners: VoidListener[] = [];
  private readonly checks: PrincipalCheck[] = [];
  private readonly underWayChecks: UnderWayCheck[] = [];
  private currentJudge: KeyJudge | undefined;
  private voids = 0;

  /** How often facts of any key have become void so far; counted at once, before the listeners are called. */
  get announced(): number {
    return this.voids;
  }

  announce(): void {
    this.voids += 1;
  }

  onVoided(listener: VoidListener): void {
    this.listeners.push(listener);
  }

  judgedBy(judge: KeyJudge): void {
    this.currentJudge = judge;
  }

  checkedBy(check: PrincipalCheck): void {
    this.checks.push(check);
  }

  checkedUnderWayBy(check: UnderWayCheck): void {
    this.underWayChecks.push(check);
  }

  voided(affects: (principal: Principal) => boolean): void {
    for (const listener of this.listeners) listener(affects);
  }

  async judge(request: IncomingMessage): Promise<Principal | ProblemError> {
    if (this.currentJudge === undefined) throw new Error('nobody judges keys');
    const verdict = await this.currentJudge(request);
    if (verdict instanceof ProblemError) return verdict;
    for (const check of this.checks) {
      const problem = check(request, verdict);
      if (problem) return problem;
    }
    return verdict;
  }

  /** For a request that has passed all guards. @param before the principal at the last check */
  async judgeUnderWay(request: IncomingMessage, before: Principal): Promise<Principal | ProblemError> {
    const now = await this.judge(request);
    if (now instanceof ProblemError || now.facts === before.facts) return now;
    for (const check of this.underWayChecks) {
      const problem = await check(request, before, now);
      if (problem) return problem;
    }
    return now;
  }
}
