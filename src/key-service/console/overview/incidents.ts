import { Injectable } from '@nestjs/common';
import type { PendingInvalidations } from '../../../contracts/admin/gateway-state.js';
import { DAY_MS, HOUR_MS } from '../../../lib/durations.js';
import { Clock } from '../../../platform/clock.js';
import { Outbox } from '../../invalidation/outbox.js';
import { RotationPoliciesService } from '../../rotation/policies/rotation-policies.service.js';
import { RefusalsService } from '../../usage/refusals/refusals.service.js';

/** Fewer refusals in a day do not count as an increase. */
const FEW_REFUSALS = 20;
/** A gateway that is up accepts a change in less time. */
const SLOW_MS = 10_000;

export interface IncidentsNow {
  /** Refusals of the last 24 hours and of the 24 hours before, if they have at least doubled. */
  readonly refusals: { readonly last: number; readonly before: number } | undefined;
  /** Gateways that have not received a change yet. */
  readonly behind: readonly PendingInvalidations[];
  /** New keys of rotation policies that could not be handed over yet. */
  readonly undelivered: number;
}

/** Finds present faults. */
@Injectable()
export class Incidents {
  constructor(
    private readonly refusals: RefusalsService,
    private readonly outbox: Outbox,
    private readonly rotation: RotationPoliciesService,
    private readonly clock: Clock,
  ) {}

  async now(): Promise<IncidentsNow> {
    const nowMs = this.clock.now();
    const from = new Date(nowMs - 2 * DAY_MS).toISOString();
    const { reasons, from: firstHour } = await this.refusals.summary({ from, period: 'hour' });
    const half = Math.round((nowMs - DAY_MS - Date.parse(firstHour)) / HOUR_MS);
    const sum = (points: readonly number[]): number => points.reduce((all, one) => all + one, 0);
    const last = sum(reasons.flatMap(({ points }) => points.slice(half)));
    const before = sum(reasons.flatMap(({ points }) => points.slice(0, half)));
    const slow = new Date(nowMs - SLOW_MS).toISOString();
    const gateways = await this.outbox.byGateway();
    return {
      refusals: last >= FEW_REFUSALS && last >= 2 * before ? { last, before } : undefined,
      undelivered: (await this.rotation.pending()).failing,
      behind: gateways.filter(({ oldest_at: oldest }) => oldest !== null && oldest < slow),
    };
  }
}
