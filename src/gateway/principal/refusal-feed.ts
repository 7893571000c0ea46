import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';

/** A request that was refused before anybody knew, or although somebody knew, whose it is. */
export interface RefusedRequest {
  /** One of few words. */
  readonly reason: string;
  readonly clientIp: string;
  /** First characters of the key where it has the format of one. */
  readonly keyPrefix: string | undefined;
  readonly keyId: string | undefined;
  /** Wall clock, Unix milliseconds. */
  readonly atMs: number;
}

/** Where those who refuse keys and those who report refusals meet. */
@Injectable()
export class RefusalFeed {
  private readonly listeners: ((refused: RefusedRequest) => void)[] = [];

  constructor(private readonly clock: Clock) {}

  /** @param listener is called for each refusal; it must be quick and must not throw */
  onRefused(listener: (refused: RefusedRequest) => void): void {
    this.listeners.push(listener);
  }

  refused(refused: Omit<RefusedRequest, 'atMs'>): void {
    const told = { ...refused, atMs: this.clock.now() };
    for (const listener of this.listeners) listener(told);
  }
}
