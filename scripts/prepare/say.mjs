import { clearInterval, setInterval } from 'node:timers';

/** What a person must mend; its message is one or two plain sentences. */
export class Complaint extends Error {}

/** Words for the person at the terminal; standard output is left to the programs. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

const STILL_AT_IT_MS = 15_000;

/**
 * Says what is being done, every 15 s that it goes on, and when it is done.
 *
 * @template T
 * @param {string} what such as "Installing MLflow (about a minute)"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function slowly(what, work) {
  const startedMs = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedMs) / 1000)} s`;
  say(`${what} …`);
  const timer = setInterval(() => say(`  … ${seconds()}`), STILL_AT_IT_MS);
  try {
    const result = await work();
    say(`  done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
