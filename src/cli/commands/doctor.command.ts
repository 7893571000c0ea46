import type { Command } from 'commander';
import { ROUTE_HEALTH, SERVICE_ID_ML_PLATFORM } from '../../sdk/index.js';
import { CheckReport } from '../checks/check-report.js';
import { exitCodeOf, runChecksAtOnce } from '../checks/check-runner.js';
import { HttpProbe } from '../checks/http-probe.js';
import { usageError } from '../cli-error.js';
import type { CommandRunner, Handler } from '../command-context.js';
import { doctorChecks } from '../doctor/doctor-checks.js';
import type { Target } from '../doctor/doctor-context.js';
import { positiveInteger } from '../io/option-values.js';
import type { Sourced } from '../config/settings.js';
import { gatewayUrlOf } from '../verify/verify-context.js';

interface DoctorOptions {
  mlflowServerUrl?: string;
  redisUrl?: string;
  serviceId: string;
  timeout: number;
  verbose?: boolean;
}

const EXAMPLES = `
Examples:
  MLFLOW_SERVER_URL=http://mlflow-server:5000 REDIS_URL=redis://redis:6379/0 hokusai doctor
  hokusai doctor --mlflow-server-url http://127.0.0.1:5000 --tracking-uri http://127.0.0.1:8001/api/mlflow

Looks at what was named, by option, environment or profile, and at nothing else. Set GATEWAY_ADMIN_TOKEN to see
the gateway's own view of its parts.`;

/** `hokusai doctor`: asks each part directly, for operators. */
export function addDoctor(program: Command, runner: CommandRunner): void {
  program
    .command('doctor')
    .summary('for operators: look at MLflow, Redis, auth service and gateway directly')
    .description(
      'Asks each part directly, from the network of the gateway: Host rejection, static prefix, --serve-artifacts, ' +
        'keep-alive time-outs, clocks, DNS, TLS, Redis.',
    )
    .option('--mlflow-server-url <url>', 'MLflow itself (MLFLOW_SERVER_URL)')
    .option('--redis-url <url>', 'Redis, without a password; with one set REDIS_URL')
    .option('--service-id <id>', 'service that the key must be for', SERVICE_ID_ML_PLATFORM)
    .option('--timeout <ms>', 'longest wait for one answer', positiveInteger, 5000)
    .option('--verbose', 'print what was expected for checks that pass, too')
    .addHelpText('after', EXAMPLES)
    .action(runner.action(doctor));
}

const doctor: Handler<DoctorOptions> = async ({ io, output, settings }, options) => {
  const { authServiceUrl, trackingUri, apiKey } = settings;
  const named = (setting: Sourced): string | undefined =>
    setting.source === 'default' ? undefined : setting.value;
  const tracking = named(trackingUri);
  const targets = [
    target('mlflow', 'MLflow', options.mlflowServerUrl ?? io.env['MLFLOW_SERVER_URL'], '/health'),
    target('redis', 'Redis', redisUrlOf(options.redisUrl, io.env['REDIS_URL']), ''),
    target('auth-service', 'Auth service', named(authServiceUrl), ROUTE_HEALTH),
    target('gateway', 'Gateway', tracking && gatewayUrlOf(tracking), ROUTE_HEALTH),
  ].filter((one) => one !== undefined);
  if (targets.length === 0)
    throw usageError(
      'There is nothing to look at',
      'Set MLFLOW_SERVER_URL, REDIS_URL, HOKUSAI_AUTH_SERVICE_URL or MLFLOW_TRACKING_URI.',
    );
  const probe = new HttpProbe(options.timeout);
  const report = new CheckReport(io, output, options.verbose);
  try {
    const { timeout: timeoutMs, serviceId } = options;
    const shared = { probe, env: io.env, timeoutMs, apiKey: apiKey?.value, serviceId };
    const results = await runChecksAtOnce(doctorChecks(targets), shared, report);
    report.finish(Object.fromEntries(targets.map(({ name, url }) => [name, `${url.protocol}//${url.host}`])));
    return exitCodeOf(results);
  } finally {
    probe.close();
  }
};

const PROTOCOLS: Readonly<Record<Target['name'], readonly string[]>> = {
  mlflow: ['http:', 'https:'],
  redis: ['redis:', 'rediss:'],
  'auth-service': ['http:', 'https:'],
  gateway: ['http:', 'https:'],
};

function target(
  name: Target['name'],
  title: string,
  value: string | undefined,
  probePath: string,
): Target | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !PROTOCOLS[name].includes(url.protocol))
    throw usageError(`The address of ${title} is not a ${PROTOCOLS[name].join('// or ')}// URL`);
  return { name, title, url, probePath };
}

/** A password among the arguments is in the process list: it is refused, and said why. */
function redisUrlOf(option: string | undefined, variable: string | undefined): string | undefined {
  if (option !== undefined && URL.canParse(option) && new URL(option).password !== '')
    throw usageError(
      '--redis-url has a password in it, which the process list shows',
      'Set REDIS_URL in the environment instead.',
    );
  return option ?? variable;
}
