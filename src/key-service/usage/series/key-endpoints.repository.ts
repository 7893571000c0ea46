import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '../../storage/database.js';

/** What a key did at one endpoint. */
export interface EndpointUse {
  endpoint: string;
  requests: number;
  /** Answers with status 400 and above. */
  errors: number;
  /** Nearest rank: a time that a request really took. */
  p95Ms: number;
}

/** Endpoints of one key, from `api_key_usage`. */
@Injectable()
export class KeyEndpointsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Those with most requests, largest first.
   *
   * @param from RFC 3339 in UTC, inclusive
   */
  async of(keyId: string, from: string, limit: number): Promise<EndpointUse[]> {
    const rows = await this.database.readMany(
      sql<Record<'endpoint' | 'requests' | 'errors' | 'p95', unknown>>`
        with placed as (
          select endpoint, status_code, response_time_ms,
            row_number() over (partition by endpoint order by response_time_ms) as place,
            count(*) over (partition by endpoint) as total
          from api_key_usage where api_key_id = ${keyId} and timestamp >= ${from}
        )
        select endpoint, count(*) as requests,
          sum(case when status_code >= 400 then 1 else 0 end) as errors,
          max(case when place = (total * 95 + 99) / 100 then response_time_ms end) as p95
        from placed group by endpoint order by requests desc, endpoint limit ${limit}`.compile(
        this.database.db,
      ),
    );
    return rows.map(({ endpoint, requests, errors, p95 }) => ({
      endpoint: String(endpoint),
      requests: Number(requests),
      errors: Number(errors),
      p95Ms: Number(p95),
    }));
  }
}
