/**
 * Runs steps two at a time: what npm and pip do is as much computing as waiting. After a failure none is begun, and the
 * one that is under way is waited for, as it would go on without its starter.
 *
 * @param {(() => Promise<unknown>)[]} steps begun in this order
 * @throws what the first step that failed threw
 */
export async function together(steps) {
  const waiting = [...steps];
  const failures = [];
  const work = async () => {
    while (waiting.length > 0 && failures.length === 0)
      await waiting
        .shift()()
        .catch((error) => failures.push(error));
  };
  await Promise.all([work(), work()]);
  if (failures.length > 0) throw failures[0];
}
