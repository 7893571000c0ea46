import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../../lib/at-most.js';
import { Clock } from '../../../platform/clock.js';

/** Runs and logged models: no call of MLflow's moves one, so they are kept for good. */
const MAX_FOR_GOOD = 100_000;
/** What can change: traces are moved, experiments renamed, data sets linked. */
const BRIEF_MS = 10_000;
const MAX_BRIEF = 100_000;
const MISSING_MS = 2000;
const MAX_MISSING = 10_000;

/** What MLflow has said about ids, by names that hold the workspace, the kind and the id. */
@Injectable()
export class LookupCache {
  private readonly forGood = new LRUCache<string, string>(atMost(MAX_FOR_GOOD));
  private readonly brief: LRUCache<string, object>;
  private readonly missing: LRUCache<string, true>;

  constructor(clock: Clock) {
    const perf = { now: () => clock.monotonicMs() };
    this.brief = new LRUCache<string, object>({
      ...atMost(MAX_BRIEF),
      ttl: BRIEF_MS,
      ttlResolution: 0,
      perf,
    });
    this.missing = new LRUCache<string, true>({
      ...atMost(MAX_MISSING),
      ttl: MISSING_MS,
      ttlResolution: 0,
      perf,
    });
  }

  /** The experiment of something that never moves. */
  experimentForGood(name: string): string | undefined {
    return this.forGood.get(name);
  }

  keepExperiment(name: string, experimentId: string): void {
    this.forGood.set(name, experimentId);
  }

  /** Values under one name always have one type, and the caller knows it. */
  recent<Value extends object>(name: string): Value | undefined {
    return this.brief.get(name) as Value | undefined;
  }

  keepBriefly(name: string, value: object): void {
    this.brief.set(name, value);
  }

  isMissing(name: string): boolean {
    return this.missing.has(name);
  }

  keepMissing(name: string): void {
    this.missing.set(name, true);
  }

  /** To be called when a request that changes it passes. */
  forget(name: string): void {
    this.brief.delete(name);
    this.missing.delete(name);
  }
}
