import type { Command } from 'commander';
import { KEY_PREFIXES, SERVICE_ID_ML_PLATFORM, type KeyResource } from '../../sdk/index.js';
import { CheckReport } from '../checks/check-report.js';
import { exitCodeOf, runChecks } from '../checks/check-runner.js';
import { HttpProbe } from '../checks/http-probe.js';
import type { CommandContext, CommandRunner, Handler } from '../command-context.js';
import { positiveInteger } from '../io/option-values.js';
import { requireApiKey } from '../config/settings.js';
import { VERIFY_CHECKS } from '../verify/verify-checks.js';
import { gatewayUrlOf, type VerifyContext } from '../verify/verify-context.js';

interface VerifyOptions {
  serviceId: string;
  timeout: number;
  maxLatency: number;
  verbose?: boolean;
}

const EXAMPLES = `
Examples:
  hokusai verify
  MLFLOW_TRACKING_URI=https://registry.hokus.ai/api/mlflow hokusai verify --json
  hokusai verify --tracking-uri http://127.0.0.1:8001/api/mlflow --auth-service-url http://127.0.0.1:8000

Exit codes: 0 all is well; otherwise the one of the first fault: 3 the key, 5 something is down, 1 the rest.`;

/** `hokusai verify`: does the whole system work with this key, and if not, what is wrong? */
export function addVerify(program: Command, runner: CommandRunner): void {
  program
    .command('verify')
    .summary('check the whole system with your key, and name what is wrong')
    .description(
      'Checks gateway, auth service and MLflow as a client uses them: health, both validation contracts, every ' +
        'key location, experiments, an artifact round trip, rate-limit headers, latency. Each check prints what was ' +
        'seen; a failing one also what was expected and what to do.',
    )
    .option('--service-id <id>', 'service that the key must be for', SERVICE_ID_ML_PLATFORM)
    .option('--timeout <ms>', 'longest wait for one answer', positiveInteger, 5000)
    .option('--max-latency <ms>', '95th percentile above which the gateway is too slow', positiveInteger, 500)
    .option('--verbose', 'print what was expected for checks that pass, too')
    .addHelpText('after', EXAMPLES)
    .action(runner.action(verify));
}

const verify: Handler<VerifyOptions> = async (context, options) => {
  const { settings, io, output } = context;
  const apiKey = requireApiKey(settings);
  const trackingUri = settings.trackingUri.value;
  const probe = new HttpProbe(options.timeout);
  const report = new CheckReport(io, output, options.verbose);
  const shared: VerifyContext = {
    probe,
    env: io.env,
    homeDirectory: io.homeDirectory,
    trackingUri,
    gatewayUrl: gatewayUrlOf(trackingUri),
    authServiceUrl: settings.authServiceUrl.value,
    serviceId: options.serviceId,
    apiKey,
    findKey: settings.adminToken ? () => findKey(context, apiKey) : undefined,
    maxLatencyMs: options.maxLatency,
    notes: {},
  };
  try {
    const { authServiceUrl } = shared;
    if (!output.json)
      output.note(
        `Verifying ${trackingUri} (${settings.trackingUri.source}) and ${authServiceUrl} ` +
          `(${settings.authServiceUrl.source}) with the key from ${settings.apiKey?.source}`,
      );
    const results = await runChecks(VERIFY_CHECKS, shared, report);
    report.finish({ tracking_uri: trackingUri, auth_service_url: authServiceUrl });
    return exitCodeOf(results);
  } finally {
    probe.close();
  }
};

/** Most keys that are searched for a diagnosis. */
const MAX_KEYS_LOOKED_AT = 5000;

/** The key's record in the key service, found by its visible first characters. */
async function findKey(context: CommandContext, apiKey: string): Promise<KeyResource | undefined> {
  let count = 0;
  for await (const key of context.adminClient().listKeys()) {
    if (++count > MAX_KEYS_LOOKED_AT) throw new Error('too many keys to look through');
    const shown = key.key_prefix.replace(/[^0-9A-Za-z_-]+$/, '');
    if (shown.length > KEY_PREFIXES.production.length && apiKey.startsWith(shown)) return key;
  }
  return undefined;
}
