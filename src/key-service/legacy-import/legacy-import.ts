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

/** The result for every row. */
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
  /** Undefined where its tables are still to be made: for a dry run only. */
  database: Database | undefined;
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
  const fresh = newKeys(rows, await whatIsThere(database?.db), options, report);
  report.imported = fresh.length;
  if (options.dryRun || !database) return report;
  for (let start = 0; start < fresh.length; start += BATCH) {
    const batch = fresh.slice(start, start + BATCH);
    await database.transaction(async (db) => {
      for (const id of new Set(batch.map(({ record }) => record.serviceId)))
        await db
          .insertInto('services')
          .values({ id, description: null, created_at: options.now, created_by: IMPORT_ACTOR.name })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .execute();
      for (const { record, hash } of batch)
        if (!(await keys.insert(db, record, { hash, algorithm: 'bcrypt' })))
          throw new Error(`there is a key with the id ${record.id} already`);
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
function newKeys(
  rows: readonly LegacyRow[],
  { ids, hashes, counts }: Stored,
  options: LegacyDefaults & { now: string },
  report: ImportReport,
): LegacyKey[] {
  const fresh: (LegacyKey & { oldId: string })[] = [];
  for (const row of rows) {
    const oldId = legacyId(row);
    const key = readLegacyRow(row, options, options.now);
    if (typeof key === 'string') report.not_imported.push({ key_id: oldId, reason: key });
    else if (ids.has(key.record.id)) report.already_imported++;
    else if (hashes.has(key.hash)) report.not_imported.push({ key_id: oldId, reason: 'hash-of-another-key' });
    else {
      ids.add(key.record.id);
      hashes.add(key.hash);
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

/** Keys that are stored already. */
interface Stored {
  ids: Set<string>;
  /** Of imported keys that were not used since. */
  hashes: Set<string>;
  /** Number of such keys by prefix. */
  counts: Map<string, number>;
}

async function whatIsThere(db: Db | undefined): Promise<Stored> {
  const stored: Stored = { ids: new Set(), hashes: new Set(), counts: new Map() };
  if (!db) return stored;
  for (const { id } of await db.selectFrom('api_keys').select('id').execute()) stored.ids.add(id);
  const imported = await db
    .selectFrom('api_keys')
    .select(['key_prefix', 'key_hash'])
    .where(sql<boolean>`hash_algorithm = 'bcrypt'`)
    .execute();
  for (const { key_prefix: prefix, key_hash: hash } of imported) {
    stored.hashes.add(hash);
    stored.counts.set(prefix, (stored.counts.get(prefix) ?? 0) + 1);
  }
  return stored;
}
