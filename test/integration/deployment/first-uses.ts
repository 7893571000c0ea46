const FIRST_USES_PER_SECOND = 4;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface FirstUses {
  readonly sent: number;
  /** Status of every answer that was not 200. */
  readonly lost: readonly number[];
}

/**
 * One search with each key, at an even pace, while `step` runs. No request outlives the call, also where `step` fails: the
 * next test file of this process would be blamed for it.
 */
export async function whileKeysAreNew<Result>(
  url: string,
  keys: readonly string[],
  step: () => Promise<Result>,
): Promise<[Result, FirstUses]> {
  let stopped = false;
  const lost: number[] = [];
  let sent = 0;
  const open: Promise<void>[] = [];
  const use = async (key: string): Promise<void> => {
    const answer = await fetch(`${url}/api/mlflow/api/2.0/mlflow/experiments/search`, {
      headers: { authorization: `Bearer ${key}` },
    });
    await answer.arrayBuffer();
    if (answer.status !== 200) lost.push(answer.status);
  };
  const loop = (async () => {
    for (const key of keys) {
      if (stopped) return;
      sent++;
      open.push(use(key));
      await sleep(1000 / FIRST_USES_PER_SECOND);
    }
  })();
  const ended = async (): Promise<FirstUses> => {
    stopped = true;
    await loop;
    await Promise.all(open);
    return { sent, lost };
  };
  const result = await step().catch(async (error: unknown) => {
    await ended().catch(() => undefined);
    throw error;
  });
  return [result, await ended()];
}
