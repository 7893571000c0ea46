import { startTestGateway, type TestGateway } from '../../support/systems/gateway.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';

const REQUESTS = 20;

describe('connections of the gateway', () => {
  let auth: RecordingUpstream;
  let mlflow: RecordingUpstream;
  let gateway: TestGateway;
  const opened = { auth: 0, mlflow: 0 };

  beforeAll(async () => {
    auth = await startRecordingUpstream((_request, response) => sendJson(response, 200, { valid: true }));
    mlflow = await startRecordingUpstream();
    auth.server.on('connection', () => opened.auth++);
    mlflow.server.on('connection', () => opened.mlflow++);
    gateway = await startTestGateway({
      HOKUSAI_AUTH_SERVICE_URL: auth.url,
      MLFLOW_SERVER_URL: mlflow.url,
    });
  });

  afterAll(async () => {
    await gateway?.close();
    await Promise.all([auth?.close(), mlflow?.close()]);
  });

  it('are used again: one request after the other needs one to MLflow and one to the auth service', async () => {
    for (let n = 0; n < REQUESTS; n++) {
      const authorization = `Bearer hk_live_key_number_${String(n).padStart(20, '0')}`;
      const answer = await fetch(`${gateway.url}/mlflow/x`, { headers: { authorization } });
      expect([answer.status, await answer.text()]).toEqual([200, '{}']);
    }
    expect([auth.requests.length, mlflow.requests.length]).toEqual([REQUESTS, REQUESTS]);
    expect(opened).toEqual({ auth: 1, mlflow: 1 });
  });
});
