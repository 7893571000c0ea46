import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasProgram } from '../../../bench/lib/programs.js';
import { DASHBOARD_FILE, renderDashboard } from '../../../deploy/monitoring/dashboard.js';
import { ROWS } from '../../../deploy/monitoring/panels.js';
import { runProgram } from '../../support/programs/child-program.js';
import { startTestGateway } from '../../support/systems/gateway.js';
import { metricsOf } from '../../support/lib/metrics.js';
import { documentedQuery } from '../../support/docs/documented-query.js';
import { MONITORING, rulesOf } from './monitoring-files.js';
import { monitoredRun, type MonitoredRun } from './real-run.js';

const ROOT = join(import.meta.dirname, '../../..');
const recorded = rulesOf('recording.yml');
const alerts = rulesOf('alerts.yml');
const expressions = [...recorded, ...alerts].map(({ expr }) => expr);
const panelQueries = ROWS.flatMap(({ panels }) =>
  panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
);

describe('deploy/monitoring', () => {
  it.each([
    ['response time', 'mlflow_gateway:response_seconds:p95_5m'],
    ['authentication cache hit rate', 'mlflow_gateway:auth_cache_hit_ratio:rate5m'],
  ])('records the documented %s', (figure, name) => {
    const expr = recorded.find((rule) => rule.record === name)?.expr ?? '';
    expect(expr.replace(/\((sum\(rate\([^)]*\)\)) or vector\(0\)\)/, '$1')).toBe(documentedQuery(figure));
  });

  it('shows the three figures before anything else', () => {
    expect(ROWS[0]?.panels.map(({ queries }) => queries[0]?.expr)).toEqual([
      'mlflow_gateway:response_seconds:p95_5m',
      'mlflow_gateway:auth_cache_hit_ratio:rate5m',
      'mlflow_gateway:success_ratio:rate5m',
    ]);
  });

  it('names metrics that the programs have, and records that the rules make', () => {
    const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
    const records = recorded.map(({ record }) => record);
    for (const expression of [...expressions, ...panelQueries]) {
      for (const [name] of expression.matchAll(/\bmlflow_gateway:[\w:]+/g)) expect(records).toContain(name);
      const names = expression.matchAll(/\b([a-z]+_[a-z_]+?)(?:_bucket|_count)?(?=\{|\[|\)| )/g);
      for (const [, name = ''] of names)
        if (!/^(histogram_quantile|process_|nodejs_)/.test(name))
          expect([name, page.includes(`\`${name}\``)]).toEqual([name, true]);
    }
  });

  it('each alert has a section in the runbooks that its URL leads to, and a severity', () => {
    const sections = [...readFileSync(join(ROOT, 'docs/runbooks.md'), 'utf8').matchAll(/^## (.+)$/gm)].map(
      (match) => match[1],
    );
    expect(sections).toEqual(alerts.map(({ alert }) => alert));
    for (const { alert, labels, annotations } of alerts) {
      expect(annotations?.['runbook_url']).toBe(`docs/runbooks.md#${alert?.toLowerCase()}`);
      expect(['page', 'ticket']).toContain(labels?.['severity']);
    }
  });

  it('a counter whose rise an alert watches is there before its first event, or that event would be no rise', async () => {
    const gateway = await startTestGateway();
    const text = await metricsOf(gateway);
    await gateway.close();
    for (const series of [
      'usage_records_total{outcome="dropped"}',
      'log_lines_dropped_total',
      'mlflow_proxy_queue_rejections_total{cause="queue_full"}',
      'auth_shared_values_refused_total{kind="message",fault="unsigned"}',
      'gateway_requests_failed_total{cause="upstream"}',
    ])
      expect(text).toContain(`\n${series} 0\n`);
  });

  it('the dashboard is the one that "node deploy/monitoring/dashboard.ts" writes', () => {
    expect(readFileSync(DASHBOARD_FILE, 'utf8')).toBe(renderDashboard());
  });
});

const hasPrometheus = (await hasProgram('prometheus')) && (await hasProgram('promtool'));
if (!hasPrometheus && process.env['CI']) throw new Error('CI needs prometheus');
(hasPrometheus ? describe : describe.skip)('the rules in a real Prometheus', () => {
  let run: MonitoredRun;
  beforeAll(async () => {
    run = await monitoredRun();
  }, 240_000);
  afterAll(() => run?.close());

  it('promtool finds nothing wrong, and the examples of alerts hold', async () => {
    const rules = readdirSync(join(MONITORING, 'rules')).map((name) => join('rules', name));
    await runProgram('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', ...rules], {
      cwd: MONITORING,
    });
    await runProgram('promtool', ['test', 'rules', 'tests/alerts.yml'], { cwd: MONITORING });
  });

  it.each(alerts.map(({ alert }) => alert ?? ''))('%s fires in a run with its fault', async (alert) => {
    expect([...(await run.prometheus.firedAlerts())]).toContain(alert);
  });

  it.each(recorded.map(({ record }) => record ?? ''))('%s has values', async (record) => {
    expect((await run.prometheus.valuesOf(record)).some((value) => !Number.isNaN(value))).toBe(true);
  });

  it.each(panelQueries)('the dashboard shows something for %s', async (expression) => {
    expect((await run.prometheus.valuesOf(expression)).some((value) => !Number.isNaN(value))).toBe(true);
  });

  it.each(
    [...readFileSync(join(ROOT, 'docs/runbooks.md'), 'utf8').matchAll(/Be sure\.\*\* `(.+)`, and/g)].map(
      (match) => match[1] ?? '',
    ),
  )('the runbook’s query shows something: %s', async (expression) => {
    expect((await run.prometheus.valuesOf(expression)).length).toBeGreaterThan(0);
  });
});
