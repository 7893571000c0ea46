import { openApiDocument } from '../../lib/http/openapi-document.js';
import { OPERATIONS } from './operations.js';
import { SCHEMAS } from './schemas.js';

/** Refusals and faults that every operation may answer with. */
const PROBLEMS = [400, 401, 403, 413, 415, 429, 500, 503] as const;

/** The key service's interface as an OpenAPI 3.1 document. */
export function keyServiceOpenApi(): Record<string, unknown> {
  return openApiDocument({
    title: 'MLflow gateway key service',
    description: 'Issues, validates, rotates and revokes API keys, and tells who used what.',
    operations: OPERATIONS,
    callers: {
      admin: { security: [{ adminToken: [] }], problems: PROBLEMS },
      'admin-or-service': { security: [{ adminToken: [] }, { serviceToken: [] }], problems: PROBLEMS },
      anyone: { security: [], problems: [429, 500, 503] },
    },
    schemas: SCHEMAS,
    securitySchemes: {
      adminToken: { type: 'http', scheme: 'bearer', description: 'A token of HOKUSAI_ADMIN_TOKEN' },
      serviceToken: { type: 'http', scheme: 'bearer', description: 'A token of SERVICE_TOKENS' },
    },
  });
}
