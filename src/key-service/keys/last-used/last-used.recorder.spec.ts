import { Registry } from 'prom-client';
import { LogCapture } from '../../../../test/support/lib/log-capture.js';
import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import { JsonLogger } from '../../../platform/logging/logger.js';
import { LifecycleConfig } from '../../config/lifecycle.config.js';
import { LastUsedRecorder } from './last-used.recorder.js';
import type { LastUsedRepository } from './last-used.repository.js';

const NOW = 1_000_000;
let written: Record<string, number>[];
let isAway: boolean;
let registry: Registry;
let recorder: LastUsedRecorder;

beforeEach(() => {
  written = [];
  isAway = false;
  registry = new Registry();
  const repository: Pick<LastUsedRepository, 'write'> = {
    write: async (uses) => {
      if (isAway) throw new Error('the database is away');
      written.push(Object.fromEntries(uses));
    },
  };
  recorder = new LastUsedRecorder(
    repository as LastUsedRepository,
    Object.assign(new LifecycleConfig(), { lastUsedQueueLimit: 2 }),
    new ManualClock(NOW),
    new JsonLogger('info', new LogCapture()),
    registry,
  );
});

describe('the last use of a key', () => {
  it('is the latest of its uses, and never ahead of the clock', async () => {
    recorder.used('a', NOW - 5);
    recorder.used('a', NOW - 9);
    recorder.used('b', NOW + 60_000);
    await recorder.flush();
    expect(written).toEqual([{ a: NOW - 5, b: NOW }]);
  });

  it('waits within a bound: a further key is dropped and counted, one that waits already is not', async () => {
    for (const key of ['a', 'b', 'c', 'a']) recorder.used(key);
    await recorder.flush();
    expect(written).toEqual([{ a: NOW, b: NOW }]);
    expect(await registry.metrics()).toContain('key_last_used_dropped_total 1');
  });

  it('that could not be written is written the next time', async () => {
    recorder.used('a');
    isAway = true;
    await recorder.flush();
    isAway = false;
    recorder.used('b');
    await recorder.flush();
    await recorder.flush();
    expect(written).toEqual([{ a: NOW, b: NOW }]);
  });
});
