import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import type { Principal } from './principal.js';

/** Judges the key of a request again: who it is from now, or why it is refused. */
export type KeyJudge = (request: IncomingMessage) => Promise<Principal | ProblemError>;

/** Says why a request may no longer go on for its principal, if it may not. */
export type PrincipalCheck = (request: IncomingMessage, principal: Principal) => ProblemError | undefined;

/** The same for a request that has passed all guards, by what it was let in with and what is known of its key now. */
export type UnderWayCheck = (
  request: IncomingMessage,
  before: Principal,
  now: Principal,
) => Promise<ProblemError | undefined>;

/** Told that facts about some keys are void; says of a principal whether it has one of them. */
export type VoidListener = (affects: (principal: Principal) => boolean) => void;

/**
 * Where those who know of keys and those who serve their requests for a long time meet: a request that was let in
 * may still wait, upload or stream when its key ends. One side says that facts are void and judges; the other asks.
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

  /** For a request that has passed all guards. @param before who it was from when it was last judged */
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
