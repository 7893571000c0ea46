import { sql } from 'kysely';
import type { AuditWriter, Actor } from '../audit/audit-writer.js';
import type { KeysRepository } from '../keys/keys.repository.js';
import type { Database } from '../storage/database.js';
import type { Db } from '../storage/database.schema.js';
import {
  legacyId,
  readLegacyRow,
  type LegacyDefaults,
  type LegacyKey,
  type LegacyRefusal,
  type LegacyRow,
} from './legacy-row.js';
import { crowdedPrefixes } from './prefix-groups.js';

/** What became of every row. */
export interface ImportReport {
  dry_run: boolean;
  read: number;
  /** Keys that were imported, or would be in a run that is not dry. */
  imported: number;
  /** Keys that an earlier run has imported. */
  already_imported: number;
  /** Rows left out, with the id of the old table. */
  not_imported: { key_id: string; reason: LegacyRefusal }[];
}

export interface ImportParts {
  database: Database;
  keys: KeysRepository;
  audit: AuditWriter;
}

const IMPORT_ACTOR: Actor = { name: 'import', requestId: null, clientIp: null };
/** Keys of one transaction: an interrupted run loses at most this many, and the next run takes them up. */
const BATCH = 50;

/**
 * Imports keys of the old table with their bcrypt hashes. May be repeated: what is there already is left alone.
 *
 * @param now RFC 3339 in UTC with milliseconds
 */
export async function importLegacyKeys(
  rows: readonly LegacyRow[],
  { database, keys, audit }: ImportParts,
  options: LegacyDefaults & { dryRun: boolean; now: string },
): Promise<ImportReport> {
  const report: ImportReport = {
    dry_run: options.dryRun,
    read: rows.length,
    imported: 0,
    already_imported: 0,
    not_imported: [],
  };
  const fresh = await newKeys(database.db, rows, options, report);
  report.imported = fresh.length;
  if (options.dryRun) return report;
  for (let start = 0; start < fresh.length; start += BATCH) {
    const batch = fresh.slice(start, start + BATCH);
    await database.transaction(async (db) => {
      for (const { record, hash } of batch) await keys.insert(db, record, { hash, algorithm: 'bcrypt' });
      await audit.append(
        db,
        IMPORT_ACTOR,
        options.now,
        batch.map(({ record }) => ({
          action: 'key.imported',
          keyId: record.id,
          details: { name: record.name, user_id: record.userId, key_prefix: record.prefix },
        })),
      );
    });
  }
  return report;
}

/** Keys that are to be imported; everything else goes into the report. */
async function newKeys(
  db: Db,
  rows: readonly LegacyRow[],
  options: LegacyDefaults & { now: string },
  report: ImportReport,
): Promise<LegacyKey[]> {
  const stored = new Set((await db.selectFrom('api_keys').select('id').execute()).map(({ id }) => id));
  const counts = await candidatesByPrefix(db);
  const fresh: (LegacyKey & { oldId: string })[] = [];
  for (const row of rows) {
    const oldId = legacyId(row);
    const key = readLegacyRow(row, options, options.now);
    if (typeof key === 'string') report.not_imported.push({ key_id: oldId, reason: key });
    else if (stored.has(key.record.id)) report.already_imported++;
    else {
      stored.add(key.record.id);
      counts.set(key.record.prefix, (counts.get(key.record.prefix) ?? 0) + 1);
      fresh.push({ ...key, oldId });
    }
  }
  const crowded = crowdedPrefixes(counts);
  return fresh.filter(({ record, oldId }) => {
    if (!crowded.has(record.prefix)) return true;
    report.not_imported.push({ key_id: oldId, reason: 'prefix-shared-by-too-many' });
    return false;
  });
}

async function candidatesByPrefix(db: Db): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('api_keys')
    .select((eb) => ['key_prefix', eb.fn.countAll<number>().as('count')])
    .where(sql<boolean>`hash_algorithm = 'bcrypt'`)
    .groupBy('key_prefix')
    .execute();
  return new Map(rows.map(({ key_prefix, count }) => [key_prefix, Number(count)]));
}
