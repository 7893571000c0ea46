const FIRST_USES_PER_SECOND = 4;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface FirstUses {
  readonly sent: number;
  /** Status of every answer that was not 200. */
  readonly lost: readonly number[];
}

/** One search with each key, at an even pace, until told to stop. */
export function startFirstUses(url: string, keys: readonly string[]): { stop(): Promise<FirstUses> } {
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
  return {
    async stop() {
      stopped = true;
      await loop;
      await Promise.all(open);
      return { sent, lost };
    },
  };
}
