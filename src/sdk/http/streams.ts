import type { Deadline } from './deadline.js';

/** Bytes moved so far, and of how many where that is known. */
export interface TransferProgress {
  readonly transferredBytes: number;
  readonly totalBytes: number | undefined;
}

export type ProgressListener = (progress: TransferProgress) => void;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Passes a body on and lets every chunk restart the deadline; an error on the way is given as `describe` says,
 * and giving up reading frees the connection.
 */
export function watchIdle(
  body: ReadableStream<Bytes> | null,
  deadline: Deadline,
  describe: (error: unknown) => unknown,
): ReadableStream<Bytes> {
  const reader = body?.getReader();
  deadline.pause();
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        try {
          deadline.touch();
          const next = await reader?.read();
          // The reader's own pause between two reads is not the server's silence.
          deadline.pause();
          if (!next || next.done) {
            deadline.dispose();
            controller.close();
          } else controller.enqueue(next.value);
        } catch (error) {
          deadline.dispose();
          controller.error(errorOr(describe, error));
        }
      },
      async cancel(reason) {
        deadline.dispose();
        await reader?.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

function errorOr(describe: (error: unknown) => unknown, error: unknown): unknown {
  try {
    return describe(error);
  } catch (reason) {
    // `describe` throws the caller's own abort reason.
    return reason;
  }
}

/** Passes bytes on and reports each chunk; nothing is read ahead. */
export function withProgress(
  source: ReadableStream<Bytes>,
  totalBytes: number | undefined,
  onProgress: ProgressListener | undefined,
): ReadableStream<Bytes> {
  if (!onProgress) return source;
  const reader = source.getReader();
  let transferredBytes = 0;
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const next = await reader.read();
        if (next.done) return controller.close();
        transferredBytes += next.value.byteLength;
        controller.enqueue(next.value);
        onProgress({ transferredBytes, totalBytes });
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
