import { eventually } from '../../test/support/lib/eventually.ts';
import type { ChildProgram } from './children.ts';

export { eventually };
export { freePort } from '../../test/support/programs/free-port.ts';

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Waits until a URL answers, or answers with the wanted status.
 *
 * @throws Error if the program ends meanwhile
 */
export async function untilAnswers(
  url: string,
  what: string,
  { child, status, timeoutMs = 30_000 }: { child?: ChildProgram; status?: number; timeoutMs?: number } = {},
): Promise<void> {
  const answers = async (): Promise<boolean> => {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000), redirect: 'manual' });
    await response.body?.cancel();
    return status === undefined || response.status === status;
  };
  await eventually(answers, { what, timeoutMs, intervalMs: 50, ...(child && { program: child }) });
}
