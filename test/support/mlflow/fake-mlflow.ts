import {
  sendJson,
  startRecordingUpstream,
  type RecordedRequest,
  type RecordingUpstream,
} from '../servers/recording-upstream.js';
import type { ServerResponse } from 'node:http';

/** Ways in which an MLflow can be set up wrong; the texts are those of MLflow 3.17. */
export type MlflowFault =
  | 'none'
  | 'artifacts-off'
  | 'host-rejected'
  | 'static-prefix'
  | 'ajax-only'
  | 'broken'
  | 'damaging'
  | 'sign-in';

export interface FakeMlflow extends RecordingUpstream {
  fault: MlflowFault;
}

/** What an MLflow with a sign-in of its own takes. */
const SIGN_IN = `Basic ${Buffer.from('gateway:geheim-42').toString('base64')}`;

const SEARCH = /^\/(ajax-api|api)\/2\.0\/mlflow\/experiments\/search/;
const ARTIFACTS = /^\/api\/2\.0\/mlflow-artifacts\/artifacts/;

/** As much of MLflow as the checks meet: health, experiments search, proxied artifacts in memory. */
export async function startFakeMlflow(): Promise<FakeMlflow> {
  const artifacts = new Map<string, Buffer>();
  const fake = (await startRecordingUpstream()) as FakeMlflow;
  fake.fault = 'none';
  fake.answer((request, response) => {
    const path = request.url.split('?')[0] ?? '';
    if (path === '/health') return void response.end('OK');
    if (fake.fault === 'sign-in' && request.headers.authorization !== SIGN_IN) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="mlflow"' });
      return void response.end('You are not authenticated.');
    }
    if (fake.fault === 'broken')
      return sendJson(response, 500, { error_code: 'INTERNAL_ERROR', message: 'database is locked' });
    if (fake.fault === 'host-rejected') {
      response.writeHead(403, { 'content-type': 'text/plain' });
      return void response.end('Invalid Host header - possible DNS rebinding attack detected');
    }
    const family = SEARCH.exec(path)?.[1];
    if (
      family &&
      !(fake.fault === 'static-prefix' && family === 'ajax-api') &&
      !(fake.fault === 'ajax-only' && family === 'api')
    )
      return sendJson(response, 200, { experiments: [{ experiment_id: '0', name: 'Default' }] });
    if (ARTIFACTS.test(path)) return artifact(fake.fault, artifacts, path, request, response);
    response.writeHead(404, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>404 Not Found</title>');
  });
  return fake;
}

function artifact(
  fault: MlflowFault,
  artifacts: Map<string, Buffer>,
  path: string,
  request: RecordedRequest,
  response: ServerResponse,
): void {
  if (fault === 'artifacts-off') {
    response.writeHead(503, { 'content-type': 'text/html' });
    const text =
      'Endpoint: /api/2.0/mlflow-artifacts/artifacts/<path:artifact_path> disabled due to the mlflow server ' +
      'running with `--no-serve-artifacts`. To enable artifacts server functionality, run `mlflow server` with ' +
      '`--serve-artifacts`';
    return void response.end(text);
  }
  if (request.url.includes('?path=')) return sendJson(response, 200, { files: [] });
  if (request.method === 'PUT') artifacts.set(path, request.body);
  if (request.method === 'GET') {
    const content = artifacts.get(path) ?? Buffer.alloc(0);
    return void response.end(fault === 'damaging' ? content.subarray(1) : content);
  }
  if (request.method === 'DELETE') artifacts.delete(path);
  sendJson(response, 200, {});
}
