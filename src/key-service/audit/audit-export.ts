import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** Sends JSON lines as a file, as fast as the client reads them. */
export async function sendAuditLines(
  response: ServerResponse,
  lines: AsyncGenerator<string, void, undefined>,
): Promise<void> {
  // The first page is read before anything is sent, so that unavailable storage can still be answered with 503.
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
