import type { Child } from './children.ts';

export { freePort } from '../../test/support/free-port.ts';

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `probe` is true. @throws Error where the program ended meanwhile, or the time is up */
export async function until(
  probe: () => Promise<boolean>,
  what: string,
  { child, timeoutMs = 30_000 }: { child?: Child; timeoutMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (child?.isOver()) throw new Error(`${what} ended at its start: ${child.tail()}`);
    if (await probe().catch(() => false)) return;
    if (performance.now() > deadline)
      throw new Error(`${what} was not ready within ${timeoutMs} ms${child ? `: ${child.tail()}` : ''}`);
    await sleep(50);
  }
}

/** Waits until a URL answers at all, or with the wanted status. */
export function untilAnswers(
  url: string,
  what: string,
  options: { child?: Child; timeoutMs?: number; status?: number; headers?: Record<string, string> } = {},
): Promise<void> {
  return until(
    async () => {
      const response = await fetch(url, {
        signal: AbortSignal.timeout(2000),
        redirect: 'manual',
        ...(options.headers && { headers: options.headers }),
      });
      await response.body?.cancel();
      return options.status === undefined || response.status === options.status;
    },
    what,
    options,
  );
}
