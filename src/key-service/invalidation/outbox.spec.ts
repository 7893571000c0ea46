import { ManualClock } from '../../../test/support/lib/manual-clock.js';
import { tempDir } from '../../../test/support/lib/temp-dir.js';
import { InvalidationConfig } from '../config/invalidation.config.js';
import { openDatabase, type Database } from '../storage/database.js';
import { migrate } from '../storage/migrator.js';
import { Outbox } from './outbox.js';
import { OutboxRepository } from './outbox.repository.js';

const URL = 'http://gateway:8001/internal/keys/invalidate';
const LANE = { url: URL, lane: 'change' } as const;

let dir: Awaited<ReturnType<typeof tempDir>>;
let database: Database;
let clock: ManualClock;

beforeEach(async () => {
  dir = await tempDir('outbox');
  const settings = { url: `sqlite:///${dir.path}/keys.sqlite`, poolSize: 1, timeoutMs: 5000 };
  await migrate(settings, 'up');
  database = openDatabase(settings);
  clock = new ManualClock();
});
afterEach(async () => {
  await database.close();
  await dir.remove();
});

const outbox = (config: Partial<InvalidationConfig>): Outbox =>
  new Outbox(Object.assign(new InvalidationConfig(), config), database, new OutboxRepository(), clock);
const now = (): string => new Date(clock.now()).toISOString();

it.each([10, 2000, 60_000])(
  'what one replica sends for up to %d ms is nobody else’s until then, and is again where it never ends',
  async (timeoutMs) => {
    const [one, two] = [outbox({ urls: [URL], timeoutMs }), outbox({ urls: [URL], timeoutMs })];
    await one.add(database.db, [{ keyId: 'k1', lane: 'change' }], now());
    expect(await one.claim(LANE, 10)).toMatchObject([{ keyId: 'k1', attempts: 1 }]);
    clock.advance(timeoutMs + 1000);
    expect(await two.claim(LANE, 10)).toEqual([]);
    clock.advance(30_000);
    expect(await two.claim(LANE, 10)).toMatchObject([{ keyId: 'k1', attempts: 2 }]);
  },
);

it('each gateway is listed with what waits for it, zero where nothing does', async () => {
  const at = now();
  await outbox({ urls: [URL] }).add(database.db, [{ keyId: 'k1', lane: 'revocation' }], at);
  expect(await outbox({ urls: ['http://other:1', URL] }).byGateway()).toEqual([
    { gateway: 'other:1', pending: 0, revocations: 0, oldest_at: null, attempts: 0 },
    { gateway: 'gateway:8001', pending: 1, revocations: 1, oldest_at: at, attempts: 0 },
  ]);
});
