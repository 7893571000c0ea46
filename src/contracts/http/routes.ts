/** Paths that more than one program knows. */

/** Mounts of MLflow on the gateway, guarded alike. */
export const MLFLOW_MOUNTS = ['/api/mlflow', '/mlflow'] as const;
/** The mount that browsers use: sessions are read below it alone. */
export const MLFLOW_UI_MOUNT: MlflowMount = '/mlflow';
export type MlflowMount = (typeof MLFLOW_MOUNTS)[number];

export const ROUTE_HEALTH = '/health';
export const ROUTE_HEALTH_LIVE = '/health/live';
export const ROUTE_HEALTH_READY = '/health/ready';
export const ROUTE_HEALTH_DETAILED = '/health/detailed';
export const ROUTE_HEALTH_MLFLOW = '/health/mlflow';
export const ROUTE_METRICS = '/metrics';
/** Both servers: their interface, described for tools. */
export const ROUTE_OPENAPI = '/openapi.json';
/** What a key may do, for whoever holds it; also below each mount of MLflow, so that a tracking URI leads to it. */
export const ROUTE_WHOAMI = '/whoami';
/** What would become of a request, and why; in the same places. */
export const ROUTE_EXPLAIN = '/explain';

/** Gateway: says to proxies whether a request may go to MLflow; the path in question may follow. */
export const ROUTE_AUTHZ = '/authz';

/** Gateway: takes an `InvalidationRequest` with an admin token. */
export const ROUTE_INVALIDATE = '/internal/keys/invalidate';
/** Gateway: how much of its limits the key of `?key_id=` has left, with an admin token. */
export const ROUTE_KEY_LIMITS = '/internal/keys/limits';
/** Gateway: what would become of a request of a key, by an `ExplainKeyRequest` with an admin token. */
export const ROUTE_KEY_EXPLAIN = '/internal/keys/explain';

/** Key service. */
export const ROUTE_KEYS = '/api/v1/keys';
export const ROUTE_KEYS_VALIDATE = '/api/v1/keys/validate';
export const ROUTE_USAGE = '/api/v1/usage';
export const ROUTE_USAGE_SUMMARY = '/api/v1/usage/summary';
export const ROUTE_USAGE_SERIES = '/api/v1/usage/series';
export const ROUTE_AUDIT = '/api/v1/audit';
export const ROUTE_AUDIT_VERIFY = '/api/v1/audit/verify';
/** Every entry that a query leaves, one a line, oldest first. */
export const ROUTE_AUDIT_EXPORT = '/api/v1/audit/export';
export const ROUTE_SERVICES = '/api/v1/services';
export const ROUTE_ROTATION_POLICIES = '/api/v1/rotation-policies';
/** Successors that were made and have not been handed over. */
export const ROUTE_ROTATION_DELIVERIES = '/api/v1/rotation-deliveries';
export const ROUTE_REFUSALS = '/api/v1/refusals';
export const ROUTE_REFUSALS_SUMMARY = '/api/v1/refusals/summary';
export const ROUTE_INVALIDATIONS = '/api/v1/invalidations';

/** Key management that used to live on the platform and now answers 410. */
export const REMOVED_ROUTES = ['/api/v1/auth', '/v1/auth'] as const;
