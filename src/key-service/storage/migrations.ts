import type { Migration } from 'kysely';
import type { Engine } from './database.js';
import { usageResources } from './migrations/0016-usage-resources.js';
import { keyNotices } from './migrations/0014-key-notices.js';
import { endedConsoleSessions } from './migrations/0015-ended-console-sessions.js';
import { rotationPolicies } from './migrations/0017-rotation-policies.js';
import { apiKeys } from './migrations/0001-api-keys.js';
import { auditLog } from './migrations/0002-audit-log.js';
import { apiKeyUsage } from './migrations/0003-api-key-usage.js';
import { invalidationOutbox } from './migrations/0004-invalidation-outbox.js';
import { schemaCompatibility } from './migrations/0005-schema-compatibility.js';
import { invalidationLanes } from './migrations/0006-invalidation-lanes.js';
import { keyGrants } from './migrations/0007-key-grants.js';
import { usageSource } from './migrations/0008-usage-source.js';
import { usageTotals } from './migrations/0009-usage-totals.js';
import { keyActionLimits } from './migrations/0010-key-action-limits.js';
import { services } from './migrations/0013-services.js';
import { keyRefusals } from './migrations/0012-key-refusals.js';
import { usageByOwner } from './migrations/0018-usage-by-owner.js';
import { rareAnswers } from './migrations/0019-rare-answers.js';
import { usageWeeks } from './migrations/0020-usage-weeks.js';
import { unregisteredServices } from './migrations/0021-unregistered-services.js';
import { keyLineage } from './migrations/0011-key-lineage.js';

interface KnownMigration {
  create: (engine: Engine) => Migration;
  /**
   * Oldest schema version, the number of a program's newest migration, whose program can work on the database
   * afterwards. A migration that only adds leaves it as it was; one that removes something raises it, and comes a
   * minor version after the program stopped to need that.
   */
  minReader: number;
}

/** In the order of their names, which begin with four digits; what has been released is never edited. */
export const MIGRATIONS: Readonly<Record<string, KnownMigration>> = {
  '0001-api-keys': { create: apiKeys, minReader: 1 },
  '0002-audit-log': { create: auditLog, minReader: 2 },
  '0003-api-key-usage': { create: apiKeyUsage, minReader: 3 },
  '0004-invalidation-outbox': { create: invalidationOutbox, minReader: 4 },
  '0005-schema-compatibility': { create: schemaCompatibility, minReader: 4 },
  '0006-invalidation-lanes': { create: invalidationLanes, minReader: 4 },
  // It only adds, but an older program does not know grants and would report restricted keys to gateways as
  // unrestricted.
  '0007-key-grants': { create: keyGrants, minReader: 7 },
  '0008-usage-source': { create: usageSource, minReader: 7 },
  '0009-usage-totals': { create: usageTotals, minReader: 7 },
  '0010-key-action-limits': { create: keyActionLimits, minReader: 7 },
  '0011-key-lineage': { create: keyLineage, minReader: 7 },
  '0012-key-refusals': { create: keyRefusals, minReader: 7 },
  '0013-services': { create: services, minReader: 7 },
  '0014-key-notices': { create: keyNotices, minReader: 7 },
  '0015-ended-console-sessions': { create: endedConsoleSessions, minReader: 7 },
  '0016-usage-resources': { create: usageResources, minReader: 7 },
  '0017-rotation-policies': { create: rotationPolicies, minReader: 7 },
  '0018-usage-by-owner': { create: usageByOwner, minReader: 7 },
  '0019-rare-answers': { create: rareAnswers, minReader: 7 },
  '0020-usage-weeks': { create: usageWeeks, minReader: 7 },
  '0021-unregistered-services': { create: unregisteredServices, minReader: 7 },
};

/** Number of the newest migration that this program knows. */
export const SCHEMA_VERSION = Math.max(...Object.keys(MIGRATIONS).map((name) => Number(name.slice(0, 4))));

export const MIN_READER = Math.max(...Object.values(MIGRATIONS).map(({ minReader }) => minReader));
