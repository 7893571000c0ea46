import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DueKeys } from './due-keys.js';
import { RotationReports } from './rotation-reports.js';
import { RotationSettlement } from './rotation-settlement.js';
import { RotationStore } from './rotation-store.js';
import { RotationSender } from './rotation.sender.js';

const EVERY_MS = 60_000;

/** Looks which keys are due by their policies, and which successors can no longer be handed over. */
@Injectable()
export class RotationPlanner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly store: RotationStore,
    private readonly dueKeys: DueKeys,
    private readonly settlement: RotationSettlement,
    private readonly sender: RotationSender,
    private readonly reports: RotationReports,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.wake(), EVERY_MS).unref();
    this.wake();
  }

  /** Looks at once, because a policy has changed. */
  wake(): void {
    void this.look().then(() => this.sender.send());
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** One look, or the one under way. */
  look(): Promise<void> {
    this.running ??= this.lookOnce().finally(() => (this.running = undefined));
    return this.running;
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
