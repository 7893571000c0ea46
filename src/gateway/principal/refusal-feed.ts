import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';

/** A refused request, whether its key is known or not. */
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

/** Passes refusals from the parts that refuse keys to the part that reports them. */
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
