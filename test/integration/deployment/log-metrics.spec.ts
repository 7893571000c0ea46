import { KEY, metric, MLFLOW_PATH, startAuthSetup, statusOf, type AuthSetup } from '../auth/setup.js';
import { readTemplate, resourcesOf, type Template } from './cloudformation.js';
import { filterPattern } from './filter-pattern.js';

const SECOND_MS = 1000;

/** What CloudWatch counts of a metric in these lines. */
function counted(template: Template, name: string, lines: readonly Record<string, unknown>[]): number {
  const [, filter] =
    resourcesOf(template, 'AWS::Logs::MetricFilter').find(
      ([, { Properties }]) => Properties.MetricTransformations[0].MetricName === name,
    ) ?? [];
  const matches = filterPattern(filter?.Properties.FilterPattern as string);
  return lines.filter(matches).length;
}

describe('the alarms of deploy/ecs that look at the log', () => {
  let setup: AuthSetup;
  let template: Template;
  beforeAll(async () => {
    template = await readTemplate('service.yml');
    setup = await startAuthSetup({ env: { AUTH_BREAKER_FAILURES: '10000' } });
  });
  afterAll(() => setup?.close());

  it('count as hits and misses of the cache what auth_cache_lookups_total counts', async () => {
    setup.auth.know(KEY, { valid: true, key_id: 'k1' });
    const withoutKey = await fetch(setup.gateway.url + MLFLOW_PATH);
    expect(withoutKey.status).toBe(401);
    for (let n = 0; n < 5; n++) expect(await statusOf(setup.gateway)).toBe(200);
    setup.clock.advance(301 * SECOND_MS);
    expect(await statusOf(setup.gateway)).toBe(200);
    const lookups = (result: string): Promise<number> =>
      metric(setup.gateway, 'auth_cache_lookups_total', `{result="${result}"}`);
    expect([await lookups('fresh'), await lookups('stale'), await lookups('miss')]).toEqual([4, 1, 1]);
    const { lines } = setup.gateway.logs;
    expect(counted(template, 'AuthCacheHits', lines)).toBe(5);
    expect(counted(template, 'AuthCacheMisses', lines)).toBe(1);
  });

  it('tell of less than 80 % of hits in 15 minutes, where there is a request a second', () => {
    const alarm = template.Resources['CacheHitsAlarm']?.Properties;
    const [hits, misses, percent] = alarm.Metrics;
    expect([hits.MetricStat.Metric.MetricName, misses.MetricStat.Metric.MetricName]).toEqual([
      'AuthCacheHits',
      'AuthCacheMisses',
    ]);
    expect([alarm.ComparisonOperator, alarm.Threshold]).toEqual(['LessThanThreshold', 80]);
    const seconds = hits.MetricStat.Period as number;
    expect([misses.MetricStat.Period, seconds * alarm.EvaluationPeriods]).toEqual([seconds, 900]);
    expect(percent.Expression).toContain(`hits + misses >= ${seconds},`);
  });

  it.each(['service.yml', 'key-service.yml'])('%s has no filter that matches every line', async (name) => {
    for (const [, { Properties }] of resourcesOf(await readTemplate(name), 'AWS::Logs::MetricFilter')) {
      expect(filterPattern(Properties.FilterPattern as string)({ event: 'started' })).toBe(false);
    }
  });
});
