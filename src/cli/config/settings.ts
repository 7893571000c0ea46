import type { CliIo, Environment } from '../io/cli-io.js';
import { usageError, type CliError } from '../cli-error.js';
import {
  checkProfileName,
  configPath,
  readConfigFile,
  type ConfigFile,
  type Profile,
} from './config-file.js';
import { DEFAULT_PROFILE, PROFILE_KEYS, type ProfileKey } from './config-entries.js';
import {
  DEFAULT_AUTH_SERVICE_URL,
  DEFAULT_TRACKING_URI,
  secretProblem,
  sendsInTheClear,
} from '../../sdk/index.js';

/** Where each setting is looked for in the environment, first match first. */
export const SETTING_VARIABLES = {
  api_key: ['HOKUSAI_API_KEY', 'MLFLOW_TRACKING_TOKEN'],
  admin_token: ['HOKUSAI_ADMIN_TOKEN'],
  auth_service_url: ['HOKUSAI_AUTH_SERVICE_URL'],
  tracking_uri: ['MLFLOW_TRACKING_URI'],
} as const satisfies Record<ProfileKey, readonly string[]>;

/** A setting and where it came from, such as `HOKUSAI_API_KEY` or `profile default`. */
export interface Sourced {
  readonly value: string;
  readonly source: string;
}

/** Values given with the command itself: options, or standard input for secrets. */
export interface GivenSettings {
  profile?: string | undefined;
  authServiceUrl?: string | undefined;
  trackingUri?: string | undefined;
  apiKey?: Sourced | undefined;
  adminToken?: Sourced | undefined;
}

export interface Settings {
  readonly profile: string;
  readonly apiKey: Sourced | undefined;
  readonly adminToken: Sourced | undefined;
  readonly authServiceUrl: Sourced;
  readonly trackingUri: Sourced;
  /** Sentences for a person; none of them stops a command. */
  readonly warnings: readonly string[];
  /** Unknown entries of the config file, as a sentence; it is shown if a key or token is missing. */
  readonly fileHint?: string | undefined;
}

/**
 * Resolves every setting: from the command itself, then the environment, then the profile, then the default.
 *
 * @throws CliError (usage) where a profile was asked for by name and is not there, a URL is none, or a secret cannot
 *   travel in a header
 */
export async function resolveSettings(
  io: Pick<CliIo, 'env' | 'homeDirectory'>,
  given: GivenSettings,
): Promise<Settings> {
  const name = checkProfileName(given.profile ?? (io.env['HOKUSAI_PROFILE'] || DEFAULT_PROFILE));
  const file = await readConfigFile(configPath(io));
  const profile = profileOf(file, name);
  const look = (key: ProfileKey): Sourced | undefined =>
    fromEnvironment(io.env, key) ?? fromProfile(profile, key, name);

  const settings = {
    profile: name,
    apiKey: asSecret(given.apiKey ?? look('api_key'), 'API key'),
    adminToken: asSecret(given.adminToken ?? look('admin_token'), 'admin token'),
    authServiceUrl: asUrl(
      option(given.authServiceUrl, '--auth-service-url') ??
        look('auth_service_url') ?? { value: DEFAULT_AUTH_SERVICE_URL, source: 'default' },
    ),
    trackingUri: asUrl(
      option(given.trackingUri, '--tracking-uri') ??
        look('tracking_uri') ?? { value: DEFAULT_TRACKING_URI, source: 'default' },
    ),
  };
  const overridden = given.profile === undefined ? [] : overriddenBy(io.env, profile, name);
  return {
    ...settings,
    warnings: [...file.warnings, ...overridden, ...plainHttp(settings)],
    fileHint: fileHint(file, name),
  };
}

/** The default profile may be missing; one that was asked for by name may not. */
function profileOf(file: ConfigFile, name: string): Profile {
  if (Object.hasOwn(file.sections, name)) return file.sections[name] ?? {};
  if (name === DEFAULT_PROFILE) return {};
  throw usageError(
    `There is no profile "${name}" in ${file.path}`,
    `Write one with "hokusai configure --profile ${name}".`,
  );
}

function fileHint(file: ConfigFile, name: string): string | undefined {
  const places = file.notUnderstood(name);
  if (places.length === 0) return undefined;
  const verb = places.length === 1 ? 'is' : 'are';
  const known = PROFILE_KEYS.map((key) => `"${key} = …"`).join(', ');
  return `In ${file.path}, ${places.join(', ')} ${verb} not understood; a profile holds ${known}.`;
}

/** The key, or an error that says where it can be set. */
export function requireApiKey(settings: Pick<Settings, 'apiKey' | 'fileHint'>): string {
  if (settings.apiKey) return settings.apiKey.value;
  throw missing(
    settings,
    'API key required',
    'Set HOKUSAI_API_KEY, run "hokusai configure", or pass the key on standard input with --api-key-stdin.',
  );
}

/** The admin token, or an error that says where it can be set. */
export function requireAdminToken(settings: Pick<Settings, 'adminToken' | 'fileHint'>): string {
  if (settings.adminToken) return settings.adminToken.value;
  throw missing(
    settings,
    'Admin token required',
    'Set HOKUSAI_ADMIN_TOKEN, run "hokusai configure", or pass the token on standard input with --admin-token-stdin.',
  );
}

function missing({ fileHint }: Pick<Settings, 'fileHint'>, message: string, next: string): CliError {
  return usageError(message, fileHint === undefined ? next : `${fileHint} ${next}`);
}

function fromEnvironment(env: Environment, key: ProfileKey): Sourced | undefined {
  for (const variable of SETTING_VARIABLES[key]) {
    const value = env[variable]?.trim();
    if (value) return { value, source: variable };
  }
  return undefined;
}

function fromProfile(profile: Profile, key: ProfileKey, name: string): Sourced | undefined {
  const value = profile[key]?.trim();
  return value ? { value, source: `profile ${name}` } : undefined;
}

function option(value: string | undefined, source: string): Sourced | undefined {
  return value === undefined ? undefined : { value, source };
}

/** A key or token that can travel in a header; the value is never shown. */
function asSecret(secret: Sourced | undefined, what: string): Sourced | undefined {
  const problem = secret && secretProblem(secret.value);
  if (problem) throw usageError(`The ${what} in ${secret.source} ${problem}`, 'Set it again.');
  return secret;
}

/** An address without its last slashes. A password in it would be shown, and is refused. */
function asUrl({ value, source }: Sourced): Sourced {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw usageError(
      `The address in ${source} is not an http:// or https:// URL`,
      'Write it as https://host/path.',
    );
  if (url.username || url.password)
    throw usageError(
      `The address in ${source} has a user or a password in it`,
      'Take it out and set HOKUSAI_API_KEY instead.',
    );
  return { value: value.replace(/\/+$/, ''), source };
}

function overriddenBy(env: Environment, profile: Profile, name: string): string[] {
  return (Object.keys(SETTING_VARIABLES) as ProfileKey[]).flatMap((key) => {
    const fromEnv = fromEnvironment(env, key);
    const inFile = profile[key]?.trim();
    if (!fromEnv || !inFile || fromEnv.value === inFile) return [];
    return [`${fromEnv.source} is set and overrides ${key} of profile ${name}.`];
  });
}

function plainHttp(settings: Pick<Settings, 'authServiceUrl' | 'trackingUri'>): string[] {
  return [settings.authServiceUrl, settings.trackingUri]
    .filter(({ value }) => sendsInTheClear(value))
    .map(({ source }) => `The address in ${source} is plain http://: keys and tokens travel readable.`);
}
