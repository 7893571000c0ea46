import type { AuditEntryResource, AuditResponse, AuditVerification } from '../../contracts/admin/audit.js';
import type { GatewayLimitsResponse, InvalidationsResponse } from '../../contracts/admin/gateway-state.js';
import type { GrantSuggestionResponse } from '../../contracts/usage/grant-suggestion.js';
import type { RefusalSummaryResponse } from '../../contracts/usage/refusals.js';
import {
  ROUTE_AUDIT,
  ROUTE_AUDIT_VERIFY,
  ROUTE_INVALIDATIONS,
  ROUTE_REFUSALS_SUMMARY,
  ROUTE_SERVICES,
  ROUTE_USAGE_SERIES,
  ROUTE_USAGE_SUMMARY,
} from '../../contracts/http/routes.js';
import type { ServicesResponse } from '../../contracts/admin/services.js';
import type { UsageSeriesResponse } from '../../contracts/usage/usage-series.js';
import type { KeyUsageResponse, UsageSummaryResponse } from '../../contracts/usage/usage.js';
import { toQuery } from '../http/query.js';
import type { CallOptions } from '../http/transport.types.js';
import type {
  AuditQuery,
  RefusalsQuery,
  UsageQuery,
  UsageSeriesQuery,
  UsageSummaryQuery,
} from './auth-queries.js';
import { keyPath, pages } from './auth-requests.js';
import type { Management } from './management.js';

/** Without these an answer is not the key service's. */
const USAGE = {
  from: 'string',
  to: 'string',
  total_requests: 'number',
  rows: [{ key_id: 'string' }],
} as const;
const KEY_USAGE = { ...USAGE, key_id: 'string', last_used_by: [{ address: 'string' }] } as const;
const SERIES = { from: 'string', to: 'string', period: 'string', series: [{ requests: 'number' }] } as const;
const AUDIT = { entries: [{ seq: 'number' }] } as const;
const VERIFICATION = { valid: 'boolean' } as const;

/** Reports of the key service: who used what, and who changed what. Needs an admin token. */
export abstract class AuthReports {
  protected constructor(protected readonly management: Management) {}

  /** Usage of one key, and which addresses used it last. */
  async usage(keyId: string, query: UsageQuery = {}, options?: CallOptions): Promise<KeyUsageResponse> {
    const path = `${keyPath(keyId)}/usage`;
    return this.management.ask({ method: 'GET', path, query: toQuery(query), needs: KEY_USAGE }, options);
  }

  /**
   * The smallest scopes and grants for what a key did, and what that does not cover.
   *
   * @param query `days`: whole days in UTC, today among them; 30 unless given, at most 366
   */
  grantSuggestion(
    keyId: string,
    query: { readonly days?: number } = {},
    options?: CallOptions,
  ): Promise<GrantSuggestionResponse> {
    const path = `${keyPath(keyId)}/grant-suggestion`;
    const needs = {
      key_id: 'string',
      reasons: [{ because: 'string' }],
      gaps: [{ because: 'string' }],
    } as const;
    return this.management.ask({ method: 'GET', path, query: toQuery(query), needs }, options);
  }

  usageSummary(query: UsageSummaryQuery = {}, options?: CallOptions): Promise<UsageSummaryResponse> {
    return this.management.ask(
      { method: 'GET', path: ROUTE_USAGE_SUMMARY, query: toQuery(query), needs: USAGE },
      options,
    );
  }

  /** Requests over time by status, key, endpoint, user or service. */
  usageSeries(query: UsageSeriesQuery = {}, options?: CallOptions): Promise<UsageSeriesResponse> {
    return this.management.ask(
      { method: 'GET', path: ROUTE_USAGE_SERIES, query: toQuery(query), needs: SERIES },
      options,
    );
  }

  /** Entries of the audit log, page by page as they are needed. */
  audit(query: AuditQuery = {}, options?: CallOptions): AsyncGenerator<AuditEntryResource, void, undefined> {
    return pages(query, async (page) => {
      const { entries, next_cursor } = await this.auditPage(page, options);
      return { items: entries, nextPageToken: next_cursor ?? undefined };
    });
  }

  auditPage(query: AuditQuery = {}, options?: CallOptions): Promise<AuditResponse> {
    return this.management.ask(
      { method: 'GET', path: ROUTE_AUDIT, query: toQuery(query), needs: AUDIT },
      options,
    );
  }

  /** Every service that keys may be for. */
  services(options?: CallOptions): Promise<ServicesResponse> {
    const needs = { services: [{ service_id: 'string' }] } as const;
    return this.management.ask({ method: 'GET', path: ROUTE_SERVICES, needs }, options);
  }

  /** Refused keys by reason and time, network, prefix and key. */
  refusals(query: RefusalsQuery = {}, options?: CallOptions): Promise<RefusalSummaryResponse> {
    const needs = { total: 'number', reasons: [{ reason: 'string' }] } as const;
    const path = ROUTE_REFUSALS_SUMMARY;
    return this.management.ask({ method: 'GET', path, query: toQuery(query), needs }, options);
  }

  /** How much of its limits a key has left, as each gateway counts it. */
  keyLimits(keyId: string, options?: CallOptions): Promise<GatewayLimitsResponse> {
    const needs = { key_id: 'string', gateways: [{ gateway: 'string' }] } as const;
    return this.management.ask({ method: 'GET', path: `${keyPath(keyId)}/limits`, needs }, options);
  }

  /** Which gateways have not received changes of keys yet. */
  invalidations(options?: CallOptions): Promise<InvalidationsResponse> {
    const needs = { gateways: [{ gateway: 'string' }] } as const;
    return this.management.ask({ method: 'GET', path: ROUTE_INVALIDATIONS, needs }, options);
  }

  /** Lets the service check the hash chain of its audit log. */
  verifyAudit(options?: CallOptions): Promise<AuditVerification> {
    return this.management.ask({ method: 'GET', path: ROUTE_AUDIT_VERIFY, needs: VERIFICATION }, options);
  }
}
