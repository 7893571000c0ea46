import { Controller, Get, Req } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { KeyLimitsResponse } from '../../contracts/admin/gateway-state.js';
import { ROUTE_KEY_LIMITS } from '../../contracts/http/routes.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { contextOf } from '../../platform/request/request-context.js';
import { AdminOnly } from '../../platform/route-access/admin-only.decorator.js';
import { KnownKeys } from '../auth/facts/known-keys.js';
import { RateLimiter } from '../rate-limit/rate-limiter.js';
import { RatePlan } from '../rate-limit/rate-plan.js';

/** `GET /internal/keys/limits?key_id=`: how much of its limits a key has left, as this gateway counts it. */
@Controller()
export class KeyLimitsController {
  constructor(
    private readonly known: KnownKeys,
    private readonly plan: RatePlan,
    private readonly limiter: RateLimiter,
  ) {}

  @Get(ROUTE_KEY_LIMITS)
  @AdminOnly()
  async limits(@Req() request: IncomingMessage): Promise<KeyLimitsResponse> {
    const [keyId, ...more] = new URLSearchParams(contextOf(request).target.rawQuery).getAll('key_id');
    if (keyId === undefined || keyId === '' || more.length > 0)
      throw new ProblemError('invalid-fields', {
        fields: [{ field: 'key_id', message: 'must be given, once: the id of a key' }],
      });
    const key = this.known.byId(keyId);
    if (!key) return { key_id: keyId, known: false, store: 'local', limits: [] };
    const limits = this.plan.everything(key.entry.facts);
    const { standings, store } = await this.limiter.standings(key.subject, limits);
    return {
      key_id: keyId,
      known: true,
      store,
      limits: limits.budgets.map(({ name, action, shape }, i) => ({
        name,
        counts: action ?? 'all',
        limit: limits.values[i] as number,
        window_seconds: shape.windowMs / 1000,
        remaining: standings[i]?.remaining ?? null,
        reset_seconds: Math.ceil((standings[i]?.resetMs ?? 0) / 1000),
      })),
    };
  }
}
