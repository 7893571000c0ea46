/**
 * Runs once before a test run's workers: offers one real MLflow to all of them, started by the first test
 * that asks for it. Loaded by Node itself, hence the `.ts` imports.
 */
import { createServer } from 'node:http';
import { MLFLOW_BROKER_URL, startMlflowServer } from './mlflow-server.ts';

export default async function setUp() {
  let starting;
  const broker = createServer((request, response) => {
    request.resume();
    starting ??= startMlflowServer();
    starting.then(
      ({ url }) => response.end(url),
      (error) => response.writeHead(500).end(String(error?.stack ?? error)),
    );
  });
  await new Promise((resolve) => broker.listen(0, '127.0.0.1', resolve));
  process.env[MLFLOW_BROKER_URL] = `http://127.0.0.1:${broker.address().port}`;
  globalThis.endSharedParts = async () => {
    broker.close();
    await (await starting?.catch(() => undefined))?.close();
  };
}
