import { UnexpectedResponseError } from '../errors.js';

/** The longest JSON answer that is read, bytes: far above any page of MLflow, far below a process's memory. */
export const DEFAULT_MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Of an error only its first sentences count, bytes. */
export const MAX_ERROR_BYTES = 64 * 1024;

/**
 * Reads a body as UTF-8 text and gives up on one that is too long, so that a broken server cannot fill the memory.
 *
 * @throws UnexpectedResponseError above `maxBytes`; the connection is given up then
 */
export async function readText(response: Response, maxBytes: number): Promise<string> {
  const { text, isWhole } = await readUpTo(response, maxBytes);
  if (isWhole) return text;
  throw new UnexpectedResponseError(
    `The answer is longer than ${maxBytes} bytes (maxAnswerBytes): ask for smaller pages, or raise it`,
    { status: response.status, requestId: response.headers.get('x-request-id') ?? undefined },
  );
}

/** The first `maxBytes` of a body as text; what follows is not read. */
export async function readStart(response: Response, maxBytes: number): Promise<string> {
  return (await readUpTo(response, maxBytes)).text;
}

async function readUpTo(response: Response, maxBytes: number): Promise<{ text: string; isWhole: boolean }> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) return { text: text + decoder.decode(), isWhole: true };
    const room = maxBytes - bytes;
    if (next.value.byteLength > room) {
      text += decoder.decode(next.value.subarray(0, room), { stream: true });
      await reader?.cancel();
      return { text: text + decoder.decode(), isWhole: false };
    }
    bytes += next.value.byteLength;
    text += decoder.decode(next.value, { stream: true });
  }
}
