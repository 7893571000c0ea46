import { ManualClock } from '../../../test/support/manual-clock.js';
import { tempDir } from '../../../test/support/temp-dir.js';
import { InvalidationConfig } from '../config/invalidation.config.js';
import { openDatabase } from '../storage/database.js';
import { migrate } from '../storage/migrator.js';
import { Outbox } from './outbox.js';
import { OutboxRepository } from './outbox.repository.js';

const URL = 'http://gateway:8001/internal/keys/invalidate';
const LANE = { url: URL, lane: 'change' } as const;

it.each([10, 2000, 60_000])(
  'what one replica sends for up to %d ms is nobody else’s until then, and is again where it never ends',
  async (timeoutMs) => {
    const dir = await tempDir('outbox');
    const settings = { url: `sqlite:///${dir.path}/keys.sqlite`, poolSize: 1, timeoutMs: 5000 };
    await migrate(settings, 'up');
    const database = openDatabase(settings);
    const clock = new ManualClock();
    const config = Object.assign(new InvalidationConfig(), { urls: [URL], timeoutMs });
    const [one, two] = [0, 1].map(() => new Outbox(config, database, new OutboxRepository(), clock)) as [
      Outbox,
      Outbox,
    ];
    try {
      await one.add(database.db, [{ keyId: 'k1', lane: 'change' }], new Date(clock.now()).toISOString());
      expect(await one.claim(LANE, 10)).toMatchObject([{ keyId: 'k1', attempts: 1 }]);
      clock.advance(timeoutMs + 1000);
      expect(await two.claim(LANE, 10)).toEqual([]);
      clock.advance(30_000);
      expect(await two.claim(LANE, 10)).toMatchObject([{ keyId: 'k1', attempts: 2 }]);
    } finally {
      await database.close();
      await dir.remove();
    }
  },
);
