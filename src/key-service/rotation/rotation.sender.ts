import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { backOffMs } from '../../lib/back-off.js';
import { Clock } from '../../platform/clock.js';
import { RepeatedWork } from '../../platform/repeated-work.js';
import { HandOvers } from './hand-overs.js';
import type { OpenRotation } from './key-rotations.repository.js';
import { RotationReports } from './rotation-reports.js';
import { RotationSettlement } from './rotation-settlement.js';
import { RotationStore } from './rotation-store.js';
import { DELIVERY_TIMEOUT_MS } from './destinations/successor-destination.js';

const POLL_EVERY_MS = 5000;
/**
 * Longer than the longest attempt and the writes after it. If a replica dies, its rotations are taken again after this
 * time.
 */
const LEASE_MS = DELIVERY_TIMEOUT_MS + 50_000;
const AT_ONCE = 10;
/** Shorter than the time that parts of a program have to stop. */
const STOP_AFTER_MS = 1000;
const BACK_OFF = { firstMs: 10_000, maxMs: 900_000 };
/** Characters. */
const MAX_ERROR = 300;

/**
 * Delivers successors and repeats failed attempts with growing pauses, also after a restart: always the same key under
 * the same id.
 */
@Injectable()
export class RotationSender implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly sends = new RepeatedWork(() => this.sendAll());
  private readonly stopping = new AbortController();

  constructor(
    private readonly store: RotationStore,
    private readonly handOvers: HandOvers,
    private readonly settlement: RotationSettlement,
    private readonly reports: RotationReports,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    // Successors that wait without a destination are reported by the planner.
    if (this.handOvers.possible) this.sends.start(POLL_EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    // A slow receiver must not delay the shutdown: the next process sends the same again.
    const cut = setTimeout(() => this.stopping.abort(new Error('the key service stops')), STOP_AFTER_MS);
    await this.sends.stop();
    clearTimeout(cut);
  }

  /** Sends what is due. */
  send(): Promise<void> {
    return this.sends.run();
  }

  private async sendAll(): Promise<void> {
    const { database, rotations } = this.store;
    try {
      while (!this.sends.stopping) {
        const due = await rotations.claim(database.db, this.timeIn(0), this.timeIn(LEASE_MS), AT_ONCE);
        if (due.length === 0) return;
        // In parallel, so that a receiver that does not answer does not delay the others.
        await Promise.all(due.map((rotation) => this.attempt(rotation)));
      }
    } catch (error) {
      this.reports.fault(error);
    }
  }

  private async attempt(rotation: OpenRotation): Promise<void> {
    const { database, policies } = this.store;
    const policy = await policies.find(database.db, rotation.policyId);
    const obstacle = await this.settlement.obstacle(rotation);
    // The next look of the planner cancels it.
    if (!policy || obstacle !== undefined) return this.putOff(rotation, BACK_OFF.maxMs, obstacle ?? '');
    try {
      await this.handOvers.deliver(rotation, policy, this.stopping.signal);
    } catch (error) {
      const pauseMs = backOffMs(rotation.attempts, BACK_OFF);
      return this.putOff(rotation, pauseMs, this.reports.failed(rotation, policy, error, pauseMs));
    }
    this.reports.attempted(policy, 'delivered');
    await this.settlement.delivered(rotation, policy);
  }

  private putOff(rotation: OpenRotation, pauseMs: number, error: string): Promise<void> {
    const { database, rotations } = this.store;
    return rotations.putOff(database.db, rotation, this.timeIn(pauseMs), error.slice(0, MAX_ERROR));
  }

  private timeIn(ms: number): string {
    return new Date(this.clock.now() + ms).toISOString();
  }
}
