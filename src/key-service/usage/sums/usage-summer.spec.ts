import { LogCapture } from '../../../../test/support/lib/log-capture.js';
import { JsonLogger } from '../../../platform/logging/logger.js';
import { UsageSummer } from './usage-summer.js';
import type { UsageSumsRepository } from './usage-sums.repository.js';

let logs: LogCapture;

/** @param batches how many records each one has; one that is an error fails */
function summerOf(batches: readonly (number | Error)[]): UsageSummer {
  const left = [...batches];
  const addUnsummed: UsageSumsRepository['addUnsummed'] = async () => {
    const records = left.shift() ?? 0;
    if (records instanceof Error) throw records;
    return { records, more: left.length > 0 };
  };
  logs = new LogCapture();
  return new UsageSummer({ addUnsummed } as UsageSumsRepository, new JsonLogger('info', logs));
}

describe('records of an earlier release', () => {
  it('are summed up batch by batch until there are no more, and their number is logged', async () => {
    const summer = summerOf([500, 500, 3]);
    expect(await summer.sumUp()).toBe(1003);
    expect(logs.lines).toMatchObject([{ event: 'usage_summed', records: 1003 }]);
  });

  it('leave no line in the log if there are none', async () => {
    expect(await summerOf([]).sumUp()).toBe(0);
    expect(logs.lines).toEqual([]);
  });

  it('that cannot be summed up now are left for the next time', async () => {
    const summer = summerOf([500, new Error('the database is away'), 7]);
    expect(await summer.sumUp()).toBe(500);
    expect(await summer.sumUp()).toBe(7);
    expect(logs.of('usage_not_summed')).toHaveLength(1);
  });
});
