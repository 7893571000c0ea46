import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { RepeatedWork } from '../../platform/repeated-work.js';
import { DueKeys } from './due-keys.js';
import { RotationReports } from './rotation-reports.js';
import { RotationSettlement } from './rotation-settlement.js';
import { RotationStore } from './rotation-store.js';
import { RotationSender } from './rotation.sender.js';

const EVERY_MS = 60_000;

/** Looks which keys are due by their policies, and which successors can no longer be handed over. */
@Injectable()
export class RotationPlanner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly looks = new RepeatedWork(() => this.lookOnce());

  constructor(
    private readonly store: RotationStore,
    private readonly dueKeys: DueKeys,
    private readonly settlement: RotationSettlement,
    private readonly sender: RotationSender,
    private readonly reports: RotationReports,
  ) {}

  onApplicationBootstrap(): void {
    this.looks.start(EVERY_MS);
  }

  /** A policy has changed: looks and sends now instead of at the next interval. */
  wake(): void {
    void this.look().then(() => this.sender.send());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.looks.stop();
  }

  /** One look that begins now, or after the one that is under way. */
  look(): Promise<void> {
    return this.looks.run();
  }

  private async lookOnce(): Promise<void> {
    const { policies } = this.store;
    const { db } = this.store.database;
    try {
      // Keys that somebody has rotated by hand.
      for (const { keyId, successorId } of await policies.leftBehind(db))
        await policies.follow(db, keyId, successorId);
      await this.settlement.cancelHopeless();
      for (const policy of await policies.list(db)) await this.dueKeys.handle(policy);
    } catch (error) {
      this.reports.fault(error);
    }
  }
}
