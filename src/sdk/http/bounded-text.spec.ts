import { UnexpectedResponseError } from '../errors.js';
import { readStart, readText } from './bounded-text.js';

/** A body that comes in chunks of these bytes and would never end; `taken` counts what was read of it. */
function endless(chunk: Uint8Array): { response: Response; taken: () => number; cancelled: () => boolean } {
  let chunks = 0;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        chunks++;
        controller.enqueue(chunk.slice());
      },
      cancel() {
        isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return {
    response: new Response(body as never),
    taken: () => chunks * chunk.length,
    cancelled: () => isCancelled,
  };
}

describe('the body of an answer', () => {
  it('is read whole up to its bound, characters over two chunks included', async () => {
    const bytes = new TextEncoder().encode('grün');
    const parts = [bytes.subarray(0, 3), bytes.subarray(3)];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const part = parts.shift();
        if (part) controller.enqueue(part);
        else controller.close();
      },
    });
    expect(await readText(new Response(body as never), bytes.length)).toBe('grün');
  });

  it('is empty if there is none', async () => {
    expect(await readText(new Response(null, { status: 204 }), 1)).toBe('');
  });

  it('is given up above its bound, without reading on', async () => {
    const { response, taken, cancelled } = endless(new Uint8Array(1000).fill(97));
    const error: unknown = await readText(response, 4500).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect((error as Error).message).toContain('maxAnswerBytes');
    expect([taken(), cancelled()]).toEqual([5000, true]);
  });

  it('of an error counts by its start', async () => {
    const { response, taken, cancelled } = endless(new Uint8Array(1000).fill(97));
    expect(await readStart(response, 1500)).toBe('a'.repeat(1500));
    expect([taken(), cancelled()]).toEqual([2000, true]);
  });
});
