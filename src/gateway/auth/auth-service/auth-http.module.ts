import { HttpModule } from '@nestjs/axios';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { MAX_ANSWER_BYTES } from './auth-service.client.js';

/** Below the keep-alive time of common servers (uvicorn 5 s), so that the gateway closes idle connections first. */
const IDLE_SOCKET_MS = 4000;
const AGENT = { keepAlive: true, maxFreeSockets: 64, timeout: IDLE_SOCKET_MS };

/** The HTTP client for the auth service, and for nothing else. */
export const AuthHttpModule = HttpModule.register({
  httpAgent: new HttpAgent(AGENT),
  httpsAgent: new HttpsAgent(AGENT),
  // Keys are sent only to the configured service: redirects are not followed, and proxies from the environment are not
  // used.
  maxRedirects: 0,
  proxy: false,
  maxContentLength: MAX_ANSWER_BYTES,
  responseType: 'text',
  transformResponse: (data: unknown) => data,
  validateStatus: () => true,
  headers: { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'mlflow-gateway' },
});
