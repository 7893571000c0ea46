import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check } from '../checks/check.js';
import type { VerifyContext } from './verify-context.js';

interface Trouble {
  serious: boolean;
  seen: string;
  todo: string;
}

/** Whether an MLflow client that is started from here would reach the gateway with this key. */
export const clientEnvironment: Check<VerifyContext> = {
  name: 'client-environment',
  title: 'MLflow client environment',
  async run(context) {
    const expected =
      'MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN as used here, and nothing that beats them';
    const troubles = [...fromVariables(context), ...(await fromNetrc(context))];
    if (troubles.length === 0)
      return { status: 'pass', seen: 'the MLflow client would use this address and this key', expected };
    const serious = troubles.some((trouble) => trouble.serious);
    return {
      status: serious ? 'fail' : 'warn',
      fault: 'client-environment',
      seen: troubles.map(({ seen }) => seen).join('; '),
      expected,
      todo: troubles.map(({ todo }) => todo).join(' '),
    };
  },
};

function fromVariables({ env, trackingUri, apiKey }: VerifyContext): Trouble[] {
  const troubles: Trouble[] = [];
  const minor = (seen: string, todo: string): number => troubles.push({ serious: false, seen, todo });
  const serious = (seen: string, todo: string): number => troubles.push({ serious: true, seen, todo });
  const uri = env['MLFLOW_TRACKING_URI'];
  const token = env['MLFLOW_TRACKING_TOKEN'];
  const password = env['MLFLOW_TRACKING_PASSWORD'];
  if (!uri) minor('MLFLOW_TRACKING_URI is not set', `Set MLFLOW_TRACKING_URI=${trackingUri}.`);
  else if (uri.trim().replace(/\/+$/, '') !== trackingUri)
    minor('MLFLOW_TRACKING_URI is another address', `Set MLFLOW_TRACKING_URI=${trackingUri}.`);
  if (env['MLFLOW_TRACKING_USERNAME'] && password && password !== apiKey)
    serious(
      'MLFLOW_TRACKING_USERNAME and _PASSWORD are set to something else and beat the token',
      'Unset both, or set the password to the key.',
    );
  else if (!token && password !== apiKey)
    minor('MLFLOW_TRACKING_TOKEN is not set', 'Set MLFLOW_TRACKING_TOKEN to the key.');
  if (token && /\s|^["']/.test(token))
    serious('MLFLOW_TRACKING_TOKEN has quotes, spaces or a line break in it', 'Set it without them.');
  else if (token && token !== apiKey)
    minor('MLFLOW_TRACKING_TOKEN is another key than the one verified', 'Set it to the same key.');
  if (env['MLFLOW_TRACKING_AUTH'])
    minor('MLFLOW_TRACKING_AUTH replaces the token by a plugin', 'Unset it unless you mean it.');
  if (/^true$/i.test(env['MLFLOW_TRACKING_INSECURE_TLS'] ?? ''))
    minor('MLFLOW_TRACKING_INSECURE_TLS=true turns certificate checks off', 'Unset it.');
  return troubles;
}

/** The client's HTTP library prefers an entry of `.netrc` for the host over the token. */
async function fromNetrc({ env, homeDirectory, trackingUri }: VerifyContext): Promise<Trouble[]> {
  const path = env['NETRC'] || join(homeDirectory, '.netrc');
  const text = await readFile(path, 'utf8').catch(() => '');
  const { hostname } = new URL(trackingUri);
  const machines = [...text.matchAll(/(?:^|\s)machine\s+(\S+)/g)].map(([, machine]) => machine);
  if (!machines.includes(hostname) && !/(?:^|\s)default(?:\s|$)/.test(text)) return [];
  return [
    {
      serious: false,
      seen: `${path} has an entry for ${hostname}, which beats the token`,
      todo: 'Take that entry out, or set its password to the key.',
    },
  ];
}
