import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** Sends JSON lines as a file, as fast as the reader takes them. */
export async function sendAuditLines(
  response: ServerResponse,
  lines: AsyncGenerator<string, void, undefined>,
): Promise<void> {
  // The first page before anything is sent, so that storage which does not answer is a 503.
  const first = await lines.next();
  response.setHeader('content-type', 'application/x-ndjson; charset=utf-8');
  response.setHeader('content-disposition', 'attachment; filename="audit.ndjson"');
  if (first.done) {
    response.end();
    return;
  }
  await pipeline(startingWith(first.value, lines), response).catch(() => response.destroy());
}

async function* startingWith(
  first: string,
  more: AsyncIterable<string>,
): AsyncGenerator<string, void, undefined> {
  yield first;
  yield* more;
}
