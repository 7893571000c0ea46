import { request as httpRequest, type ClientRequest } from 'node:http';
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

/** @param targetUrl of the server that answers */
export async function startRecordingRelay(targetUrl: string): Promise<RecordingRelay> {
  let target = new URL(targetUrl);
  let hook: BeforeMlflow | undefined;
  const upstream = await startRecordingUpstream(async (request, response) => {
    const { method, url, rawHeaders, body } = request;
    await hook?.(request);
    await new Promise((resolve, reject) => {
      const { hostname, port } = target;
      const onward: ClientRequest = httpRequest(
        { hostname, port, method, path: url, headers: pairsOf(rawHeaders, body.length), agent: false },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
          answer.pipe(response).on('finish', resolve).on('error', reject);
        },
      );
      onward.on('error', reject).end(body);
    });
  });
  return {
    ...upstream,
    leadTo: (url) => void (target = new URL(url)),
    before: (next) => void (hook = next),
  };
}

/** The body is sent in one piece, even if it came in several. */
function pairsOf(rawHeaders: readonly string[], length: number): string[] {
  const flat: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (/^(?:transfer-encoding|content-length|connection)$/i.test(name)) continue;
    flat.push(name, rawHeaders[i + 1] as string);
  }
  return length === 0 ? flat : [...flat, 'Content-Length', String(length)];
}
