import { Migrator } from 'kysely';
import { openDatabase, type Database } from '../../../src/key-service/storage/database.js';
import { MIGRATIONS } from '../../../src/key-service/storage/migrations.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';

/** Table and column → what a program that knows it relies on. */
type Schema = Map<string, { type: string; nullable: boolean; filled: boolean }>;

/** What the previous version would trip over on the new schema. */
function breakingChanges(before: Schema, after: Schema): string[] {
  const tables = new Set([...before.keys()].map((name) => name.split('.')[0]));
  const gone = [...before].flatMap(([name, was]) => {
    const now = after.get(name);
    if (now === undefined) return [`${name} is gone`];
    if (now.type !== was.type) return [`${name} is now ${now.type}`];
    return was.nullable && !now.nullable ? [`${name} is now needed`] : [];
  });
  const needed = [...after]
    .filter(([name, { nullable, filled }]) => !before.has(name) && !nullable && !filled)
    .filter(([name]) => tables.has(name.split('.')[0]))
    .map(([name]) => `${name} is new and needs a value that the previous version does not write`);
  return [...gone, ...needed];
}

describe.each(ENGINES)('every migration on %s', (engine) => {
  let databases: KeyDatabases;
  let database: Database;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    database = openDatabase({ url: await databases.next(), poolSize: 1, timeoutMs: 5000 });
  });
  afterAll(async () => {
    await database?.close();
    await databases?.close();
  });

  async function schema(): Promise<Schema> {
    const tables = await database.db.introspection.getTables();
    return new Map(
      tables.flatMap((table) =>
        table.columns.map((column) => [
          `${table.name}.${column.name}`,
          {
            type: column.dataType,
            nullable: column.isNullable,
            filled: column.hasDefaultValue || column.isAutoIncrementing,
          },
        ]),
      ),
    );
  }

  it('leaves what a version needs that it lets work on: its tables and columns, and no new value that it does not write', async () => {
    const migrations = Object.fromEntries(
      Object.entries(MIGRATIONS).map(([name, { create }]) => [name, create(engine)]),
    );
    const migrator = new Migrator({ db: database.db, provider: { getMigrations: async () => migrations } });
    /** Schema version → what it had. */
    const schemas: [version: number, schema: Schema][] = [];
    for (const [name, { minReader }] of Object.entries(MIGRATIONS)) {
      const { error } = await migrator.migrateTo(name);
      expect(error).toBeUndefined();
      const after = await schema();
      for (const [version, before] of schemas.filter(([number]) => number >= minReader))
        expect([name, version, breakingChanges(before, after)]).toEqual([name, version, []]);
      schemas.push([Number(name.slice(0, 4)), after]);
    }
    expect(schemas.length).toBe(Object.keys(MIGRATIONS).length);
  });
});

it.each([
  ['a column that is gone', { 'keys.name': 'text' }, {}, 'keys.name is gone'],
  ['another type', { 'keys.name': 'text' }, { 'keys.name': 'integer' }, 'keys.name is now integer'],
  [
    'a value that became needed',
    { 'keys.name': 'text?' },
    { 'keys.name': 'text' },
    'keys.name is now needed',
  ],
  [
    'a new value that is needed',
    { 'keys.id': 'text' },
    { 'keys.id': 'text', 'keys.age': 'integer' },
    'keys.age is new',
  ],
])('the check finds %s', (_what, before, after, found) => {
  const read = (columns: Record<string, string>): Schema =>
    new Map(
      Object.entries(columns).map(([name, type]) => [
        name,
        { type: type.replace('?', ''), nullable: type.endsWith('?'), filled: false },
      ]),
    );
  expect(breakingChanges(read(before), read(after))).toEqual([expect.stringContaining(found)]);
});
