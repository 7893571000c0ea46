import { sql, type RawBuilder } from 'kysely';
import type { Engine } from './database.js';

/** How each kind of value is stored; repositories see the same forms from both engines. */
export interface ColumnTypes {
  uuid: RawBuilder<unknown>;
  /** RFC 3339 with milliseconds, which as text sorts by time. */
  time: RawBuilder<unknown>;
  json: RawBuilder<unknown>;
  bigint: RawBuilder<unknown>;
  /** A primary key that counts up by itself. */
  serial: RawBuilder<unknown>;
}

export function columnTypes(engine: Engine): ColumnTypes {
  return engine === 'postgres'
    ? {
        uuid: sql`uuid`,
        time: sql`timestamptz(3)`,
        json: sql`jsonb`,
        bigint: sql`bigint`,
        serial: sql`bigint generated always as identity`,
      }
    : { uuid: sql`text`, time: sql`text`, json: sql`text`, bigint: sql`integer`, serial: sql`integer` };
}
