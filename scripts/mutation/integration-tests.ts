/** Integration tests that start a part, by the beginning of its path; the longest beginning counts. */
const TESTS: Readonly<Record<string, readonly string[]>> = {
  'src/gateway/': ['test/integration/auth', 'test/integration/server'],
  'src/gateway/access/': ['test/integration/access'],
  'src/gateway/auth/': ['test/integration/auth', 'test/integration/failure/key-service'],
  'src/gateway/config/': ['test/integration/server', 'test/integration/rate-limit/configured'],
  'src/gateway/health/': ['test/integration/health'],
  'src/gateway/mlflow-proxy/': ['test/integration/proxy', 'test/integration/failure/mlflow'],
  // What grants leave of a request and of an answer.
  'src/gateway/mlflow-proxy/answers/': ['test/integration/proxy', 'test/integration/access'],
  'src/gateway/mlflow-proxy/headers/': ['test/integration/proxy', 'test/integration/access'],
  'src/gateway/mlflow-routes/': ['test/integration/access', 'test/integration/proxy'],
  'src/gateway/principal/': ['test/integration/access', 'test/integration/auth'],
  'src/gateway/rate-limit/': ['test/integration/rate-limit'],
  'src/gateway/resilience/': ['test/integration/auth/outage', 'test/integration/failure'],
  'src/gateway/usage/': ['test/integration/usage'],
  'src/gateway/windows/': ['test/integration/rate-limit', 'test/integration/auth/failed-auth'],
  'src/key-service/': ['test/integration/key-service'],
  'src/lib/': ['test/integration/auth', 'test/integration/key-service', 'test/integration/rate-limit'],
  'src/platform/': ['test/integration/server', 'test/integration/health', 'test/integration/failure'],
  'src/platform/redis/': ['test/integration/redis', 'test/integration/auth/redis'],
};

/** Path patterns of the integration tests that start the part which a file belongs to. */
export function integrationTestsOf(file: string): readonly string[] {
  const part = Object.keys(TESTS)
    .filter((beginning) => file.startsWith(beginning))
    .sort((one, other) => other.length - one.length)[0];
  return part === undefined ? [] : (TESTS[part] ?? []);
}
