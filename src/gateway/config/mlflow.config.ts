import { IsIn, IsInt, Max, Min } from 'class-validator';
import { Env } from '../../platform/config/env.js';
import { serviceUrlProblems } from './service-url.js';

/** Where MLflow is and how it is spoken to. */
export class MlflowConfig {
  @Env('MLFLOW_SERVER_URL', { about: 'MLflow server, such as http://mlflow-server:5000; required' })
  serverUrl = '';

  @Env('MLFLOW_API_DIALECT', {
    about:
      'as-is forwards paths as they came; ajax-api rewrites /api/2.0 and /api/3.0 for servers that serve only /ajax-api',
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
      'What one key may have of both, and one address of what its key may have; less while others hold much; 100: all, first come first served',
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
    about: 'Time over which that rate is taken',
  })
  @IsInt()
  @Min(1)
  @Max(3600)
  uploadRateWindowSeconds = 30;

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

  check(): string[] {
    if (this.serverUrl === '') return ['MLFLOW_SERVER_URL is required: the address of the MLflow server'];
    return serviceUrlProblems('MLFLOW_SERVER_URL', this.serverUrl);
  }
}
