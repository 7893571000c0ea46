/** What the dashboard shows. Each expression is run against real scrapes by test/integration/monitoring. */
export interface Panel {
  readonly title: string;
  /** Of Grafana, such as `s` or `percentunit`. */
  readonly unit: string;
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const one = (title: string, unit: string, expr: string, legend = ''): Panel => ({
  title,
  unit,
  queries: [{ expr, legend: legend === '' ? title : legend }],
});

export const ROWS: readonly Row[] = [
  {
    title: 'The three figures',
    panels: [
      one(
        'Response time of MLflow’s API, 95 % (goal: 500 ms)',
        's',
        'mlflow_gateway:response_seconds:p95_5m',
      ),
      one(
        'Authentication cache hits (goal: 80 %)',
        'percentunit',
        'mlflow_gateway:auth_cache_hit_ratio:rate5m',
      ),
      one('Success rate (goal: 99 %)', 'percentunit', 'mlflow_gateway:success_ratio:rate5m'),
    ],
  },
  {
    title: 'Requests',
    panels: [
      one('Requests', 'reqps', 'sum by (route) (rate(http_request_duration_seconds_count[5m]))', '{{route}}'),
      one('Response time by kind, 95 %', 's', 'mlflow_gateway:route_response_seconds:p95_5m', '{{route}}'),
      one(
        'Failed, by cause',
        'reqps',
        'sum by (cause) (rate(gateway_requests_failed_total[5m]))',
        '{{cause}}',
      ),
      one(
        'Answers by status',
        'reqps',
        'sum by (status) (rate(http_request_duration_seconds_count{route=~"mlflow_.+"}[5m]))',
        '{{status}}',
      ),
    ],
  },
  {
    title: 'MLflow',
    panels: [
      {
        title: 'Under way and waiting',
        unit: 'short',
        queries: [
          { expr: 'sum(mlflow_proxy_in_flight)', legend: 'under way' },
          { expr: 'sum(mlflow_proxy_queued)', legend: 'waiting' },
          { expr: 'max(mlflow_proxy_busiest_key_in_flight)', legend: 'busiest key' },
        ],
      },
      one('Faults', 'reqps', 'sum by (kind) (rate(mlflow_upstream_faults_total[5m]))', '{{kind}}'),
      one(
        'Refused by the queue',
        'reqps',
        'sum by (cause) (rate(mlflow_proxy_queue_rejections_total[5m]))',
        '{{cause}}',
      ),
      one(
        'First byte, 95 %',
        's',
        'histogram_quantile(0.95, sum by (le) (rate(mlflow_upstream_first_byte_seconds_bucket[5m])))',
      ),
      one('Health probe', 'short', 'min by (check) (mlflow_probe_up)', '{{check}}'),
    ],
  },
  {
    title: 'Authentication',
    panels: [
      one(
        'How keys were known',
        'reqps',
        'sum by (result) (rate(auth_cache_lookups_total[5m]))',
        '{{result}}',
      ),
      one('Refusals', 'reqps', 'sum by (reason) (rate(auth_refusals_total[5m]))', '{{reason}}'),
      one(
        'Calls to the authentication service',
        'reqps',
        'sum by (outcome, fault) (rate(auth_validation_calls_total[5m]))',
        '{{outcome}} {{fault}}',
      ),
      one('Outage', 's', 'max(auth_outage_seconds)'),
      one('Breaker (0 closed, 2 open)', 'short', 'max by (instance) (auth_breaker_state)', '{{instance}}'),
    ],
  },
  {
    title: 'Redis and limits',
    panels: [
      one('Redis up', 'short', 'min by (instance) (redis_up)', '{{instance}}'),
      one('Subscription up', 'short', 'min by (instance) (redis_subscription_up)', '{{instance}}'),
      one(
        'Decisions on limits',
        'reqps',
        'sum by (outcome, store) (rate(rate_limit_decisions_total[5m]))',
        '{{outcome}} by {{store}}',
      ),
      one(
        'Failed commands',
        'reqps',
        'sum by (command, cause) (rate(redis_command_failures_total[5m]))',
        '{{command}} {{cause}}',
      ),
    ],
  },
  {
    title: 'Key service',
    panels: [
      one('Validations', 'reqps', 'sum by (outcome) (rate(key_validations_total[5m]))', '{{outcome}}'),
      one('Invalidations pending', 'short', 'max(key_invalidations_pending)'),
      {
        title: 'New keys on their way',
        unit: 'short',
        queries: [
          { expr: 'max(key_rotations_pending)', legend: 'not handed over' },
          { expr: 'max(key_rotations_failing)', legend: 'not taken' },
        ],
      },
      one('Usage waiting', 'short', 'max by (job) (usage_queue_size)', '{{job}}'),
      one(
        'Usage records',
        'reqps',
        'sum by (job, outcome) (rate(usage_records_total[5m]))',
        '{{job}} {{outcome}}',
      ),
    ],
  },
  {
    title: 'Processes',
    panels: [
      one(
        'Builds',
        'short',
        'count by (job, version, commit) (build_info)',
        '{{job}} {{version}} {{commit}}',
      ),
      one(
        'Processor time',
        'percentunit',
        'rate(process_cpu_seconds_total{job=~"mlflow-gateway|key-service"}[5m])',
        '{{instance}}',
      ),
      one(
        'Memory',
        'bytes',
        'process_resident_memory_bytes{job=~"mlflow-gateway|key-service"}',
        '{{instance}}',
      ),
      one(
        'Log lines dropped',
        'short',
        'sum by (instance) (increase(log_lines_dropped_total[5m]))',
        '{{instance}}',
      ),
    ],
  },
];
