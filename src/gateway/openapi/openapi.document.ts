import { openApiDocument } from '../../lib/http/openapi-document.js';
import { OPERATIONS } from './operations.js';
import { SCHEMAS } from './schemas.js';

/** The gateway's interface as an OpenAPI 3.1 document; what MLflow serves behind it is MLflow's. */
export function gatewayOpenApi(): Record<string, unknown> {
  return openApiDocument({
    title: 'MLflow gateway',
    description: 'MLflow behind API keys, and what the gateway itself answers.',
    operations: OPERATIONS,
    callers: {
      anyone: { security: [], problems: [500, 503] },
      key: {
        security: [{ bearer: [] }, { basic: [] }, { header: [] }, { session: [] }],
        problems: [400, 401, 403, 429, 500, 503],
      },
      admin: { security: [{ adminToken: [] }], problems: [401, 404, 500, 503] },
      'metrics-reader': { security: [{ metricsToken: [] }, {}], problems: [401, 500] },
    },
    schemas: SCHEMAS,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'An API key' },
      basic: { type: 'http', scheme: 'basic', description: 'Any user name, and an API key as the password' },
      header: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key' },
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: '__Host-mlflow_session',
        description: 'A browser session; accepted only below /mlflow',
      },
      adminToken: { type: 'http', scheme: 'bearer', description: 'A token of GATEWAY_ADMIN_TOKEN' },
      metricsToken: { type: 'http', scheme: 'bearer', description: 'One of METRICS_TOKEN, where it is set' },
    },
  });
}
