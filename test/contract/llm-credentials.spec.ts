import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CREDENTIAL_HEADERS, LLM_CREDENTIAL_HEADERS } from '../../src/contracts/http/headers.js';

const ROOT = join(import.meta.dirname, '../..');

/** What the installed MLflow takes for a client's own credential, and sends on to a provider. */
function headersOfMlflow(): string[] {
  const [file] = globSync('.cache/mlflow-venv/lib/python3*/site-packages/mlflow/gateway/providers/base.py', {
    cwd: ROOT,
  });
  if (file === undefined) throw new Error('MLflow is not installed: run "npm test" once, which does that');
  const tuple = /^_CLIENT_AUTH_HEADERS = \(([^)]*)\)$/m.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1];
  return [...(tuple ?? '').matchAll(/"([^"]+)"/g)].map(([, name]) => name as string);
}

it('every header that MLflow takes for a credential of an LLM client is one here, and no other', () => {
  expect(headersOfMlflow()).not.toEqual([]);
  expect([...LLM_CREDENTIAL_HEADERS].sort()).toEqual(headersOfMlflow().sort());
});

it('each of them is accepted, stripped and named in Vary like any other credential', () => {
  expect(CREDENTIAL_HEADERS).toEqual(expect.arrayContaining([...LLM_CREDENTIAL_HEADERS]));
});
