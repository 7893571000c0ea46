import { Agent, request as httpRequest, type ClientRequest, type ServerResponse } from 'node:http';
import {
  startRecordingUpstream,
  type RecordedRequest,
  type RecordingUpstream,
} from './recording-upstream.js';

/** Stands before a real MLflow and records what arrives, byte for byte. */
export interface RecordingRelay extends Omit<RecordingUpstream, 'answer' | 'raw'> {
  /** Sends what comes from now on to another server. */
  leadTo(targetUrl: string): void;
  /** Awaited before each request goes on to MLflow, so that things can change in between; undefined ends that. */
  before(hook: BeforeMlflow | undefined): void;
}

export type BeforeMlflow = (request: RecordedRequest) => unknown;

/** The body is sent in one piece, even if it came in several. */
const OWN_OF_REQUESTS = /^(?:transfer-encoding|content-length|connection)$/i;
/** The connections before and behind the relay are kept each for itself. */
const OWN_OF_ANSWERS = /^(?:connection|keep-alive)$/i;
/** Less than servers keep a connection that nobody uses. */
const IDLE_MS = 2000;

/** @param targetUrl of the server that answers */
export async function startRecordingRelay(targetUrl: string): Promise<RecordingRelay> {
  let target = new URL(targetUrl);
  let hook: BeforeMlflow | undefined;
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  const upstream = await startRecordingUpstream(async (request, response) => {
    await hook?.(request);
    await sendOn(request, response, { target, agent });
  });
  return {
    ...upstream,
    leadTo: (url) => void (target = new URL(url)),
    before: (next) => void (hook = next),
    close: async () => {
      await upstream.close();
      agent.destroy();
    },
  };
}

function sendOn(
  request: RecordedRequest,
  response: ServerResponse,
  to: { readonly target: URL; readonly agent: Agent | false },
): Promise<void> {
  const { method, url, rawHeaders, body } = request;
  const { hostname, port } = to.target;
  const headers = flatPairs(rawHeaders, OWN_OF_REQUESTS);
  if (body.length > 0) headers.push('Content-Length', String(body.length));
  return new Promise((resolve, reject) => {
    const onward: ClientRequest = httpRequest(
      { hostname, port, method, path: url, headers, agent: to.agent },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, flatPairs(answer.rawHeaders, OWN_OF_ANSWERS));
        answer.pipe(response).on('finish', resolve).on('error', reject);
      },
    );
    onward.on('error', (error) => {
      // The server closed the connection just as it was used again: it has not read the request.
      if (onward.reusedSocket && !response.headersSent)
        sendOn(request, response, { ...to, agent: false }).then(resolve, reject);
      else reject(error);
    });
    onward.end(body);
  });
}

function flatPairs(rawHeaders: readonly string[], without: RegExp): string[] {
  const flat: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (!without.test(name)) flat.push(name, rawHeaders[i + 1] as string);
  }
  return flat;
}
