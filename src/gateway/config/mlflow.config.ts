import { IsIn, IsInt, Max, Min } from 'class-validator';
import { Env } from '../../platform/config/env.js';
import { serviceUrlProblems } from './service-url.js';

const VISIBLE_ASCII = /^[!-~]+$/;

/** Where MLflow is, and how the gateway talks to it. */
export class MlflowConfig {
  @Env('MLFLOW_SERVER_URL', { about: 'MLflow server, such as http://mlflow-server:5000; required' })
  serverUrl = '';

  @Env('MLFLOW_SERVER_TOKEN', {
    secret: true,
    about: 'Bearer token with which the gateway is known to an MLflow that has a sign-in of its own',
  })
  serverToken: string | undefined = undefined;

  @Env('MLFLOW_SERVER_USERNAME', { about: 'The same as a user name, with MLFLOW_SERVER_PASSWORD' })
  serverUsername: string | undefined = undefined;

  @Env('MLFLOW_SERVER_PASSWORD', { secret: true, about: 'Password of MLFLOW_SERVER_USERNAME' })
  serverPassword: string | undefined = undefined;

  @Env('MLFLOW_API_DIALECT', {
    about:
      'as-is forwards paths unchanged; ajax-api rewrites /api/2.0 and /api/3.0 for servers that serve only /ajax-api',
  })
  @IsIn(['as-is', 'ajax-api'])
  apiDialect: 'as-is' | 'ajax-api' = 'as-is';

  @Env('MLFLOW_CONNECT_TIMEOUT_MS', {
    kind: 'integer',
    unit: 'ms',
    about: 'Longest wait for a connection to MLflow',
  })
  @IsInt()
  @Min(1)
  @Max(60_000)
  connectTimeoutMs = 5000;

  @Env('MLFLOW_HEADERS_TIMEOUT_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: "Longest wait for the first byte of MLflow's answer; stays above the 120 s of MLflow's own client",
  })
  @IsInt()
  @Min(1)
  @Max(3600)
  headersTimeoutSeconds = 150;

  @Env('MLFLOW_LLM_TIMEOUT_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about:
      'The same for /gateway/*, also between two pieces of the answer; above the 300 s that MLflow allows its LLM providers',
  })
  @IsInt()
  @Min(300)
  @Max(86_400)
  llmTimeoutSeconds = 330;

  @Env('BODY_IDLE_TIMEOUT_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'Longest silence inside a request or response body; there is no total time-out',
  })
  @IsInt()
  @Min(1)
  @Max(3600)
  bodyIdleTimeoutSeconds = 150;

  @Env('MLFLOW_MAX_CONCURRENT_REQUESTS', {
    kind: 'integer',
    unit: 'requests',
    about: 'Requests to MLflow under way at once, each replica; more of them wait',
  })
  @IsInt()
  @Min(1)
  @Max(100_000)
  maxConcurrentRequests = 1024;

  @Env('MLFLOW_MAX_QUEUED_REQUESTS', {
    kind: 'integer',
    unit: 'requests',
    about: 'Requests that may wait for MLflow, each replica; more of them get 503',
  })
  @IsInt()
  @Min(0)
  @Max(100_000)
  maxQueuedRequests = 1024;

  @Env('MLFLOW_KEY_SHARE_PERCENT', {
    kind: 'integer',
    unit: 'percent',
    about:
      'What one key may have of both, and one address of what its key may have; the same of bodies in memory and of questions to MLflow (ACCESS_MAX_BODIES_BYTES). Less while others hold much; 100: all, first come first served',
  })
  @IsInt()
  @Min(1)
  @Max(100)
  keySharePercent = 50;

  @Env('UPLOAD_MIN_BYTES_PER_SECOND', {
    kind: 'integer',
    unit: 'bytes a second',
    about:
      'Least rate of a request body while MLflow takes it, looked at once every UPLOAD_RATE_WINDOW_SECONDS; a slower one gets 408; 0: none',
  })
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  uploadMinBytesPerSecond = 240;

  @Env('UPLOAD_RATE_WINDOW_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'Time over which that rate is measured',
  })
  @IsInt()
  @Min(1)
  @Max(3600)
  uploadRateWindowSeconds = 30;

  @Env('MLFLOW_STATIC_CACHE_BYTES', {
    kind: 'integer',
    unit: 'bytes',
    about: "Compressed static files of MLflow's UI that are kept in memory, each replica; 0: none",
  })
  @IsInt()
  @Min(0)
  @Max(1_073_741_824)
  staticCacheBytes = 67_108_864;

  @Env('ALLOW_ASSISTANT_API', {
    kind: 'boolean',
    about: "Forward MLflow's assistant API, which can run commands on the MLflow host",
  })
  allowAssistantApi = false;

  @Env('LLM_AUTHORIZATION_PASSTHROUGH', {
    kind: 'boolean',
    about:
      'On /gateway/* leave the credentials of LLM clients (Authorization, X-API-Key, X-Goog-API-Key, API-Key) for the ' +
      'provider where the key came in X-MLflow-Authorization',
  })
  llmAuthorizationPassthrough = false;

  /** `Authorization` of the gateway itself; undefined where MLflow asks for none. */
  get serverAuthorization(): string | undefined {
    if (this.serverToken !== undefined) return `Bearer ${this.serverToken}`;
    if (this.serverUsername === undefined) return undefined;
    return `Basic ${Buffer.from(`${this.serverUsername}:${this.serverPassword ?? ''}`).toString('base64')}`;
  }

  check(): string[] {
    const address =
      this.serverUrl === ''
        ? ['MLFLOW_SERVER_URL is required: the address of the MLflow server']
        : serviceUrlProblems('MLFLOW_SERVER_URL', this.serverUrl);
    return [...address, ...signInProblems(this)];
  }
}

function signInProblems(config: MlflowConfig): string[] {
  const { serverToken: token, serverUsername: username, serverPassword: password } = config;
  const problems: string[] = [];
  if (token !== undefined && !VISIBLE_ASCII.test(token))
    problems.push('MLFLOW_SERVER_TOKEN must be visible ASCII characters, without spaces');
  if (username?.includes(':')) problems.push('MLFLOW_SERVER_USERNAME must have no colon (RFC 7617)');
  if ((username === undefined) !== (password === undefined))
    problems.push('MLFLOW_SERVER_USERNAME and MLFLOW_SERVER_PASSWORD need each other');
  if (token !== undefined && username !== undefined)
    problems.push('MLFLOW_SERVER_TOKEN and MLFLOW_SERVER_USERNAME are two ways of one sign-in: set one');
  if (config.serverAuthorization !== undefined && config.llmAuthorizationPassthrough)
    problems.push(
      'LLM_AUTHORIZATION_PASSTHROUGH leaves the Authorization header to the client, and MLFLOW_SERVER_TOKEN or MLFLOW_SERVER_USERNAME needs it: set one',
    );
  return problems;
}
