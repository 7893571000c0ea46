import { clearInterval, setInterval } from 'node:timers';

/** What a person must mend; its message is one or two plain sentences. */
export class Complaint extends Error {}

/** Words for the person at the terminal; standard output is left to the programs. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

const STILL_AT_IT_MS = 15_000;
const underWay = new Set();

/**
 * Says what is being done, every 15 s that it goes on, once that it takes longer than usual and where to look,
 * and when it is done. Steps that go on at the same time name themselves in every line.
 *
 * @template T
 * @param {string} what such as "Installing MLflow (about a minute)"
 * @param {() => Promise<T>} work
 * @param {object} [late]
 * @param {number} [late.usualSeconds] after which the hint is due
 * @param {string} [late.hint] one sentence: what may be the matter, and where the step says more
 * @param {number} [late.everyMs]
 * @returns {Promise<T>}
 */
export async function slowly(
  what,
  work,
  { usualSeconds = Infinity, hint = '', everyMs = STILL_AT_IT_MS } = {},
) {
  const startedMs = Date.now();
  const seconds = () => (Date.now() - startedMs) / 1000;
  const step = { isAlone: true };
  const saySo = (text) => say(step.isAlone ? `  ${text}` : `  ${what.replace(/ \(.*\)$/, '')}: ${text}`);
  let hinted = false;
  say(`${what} …`);
  underWay.add(step);
  if (underWay.size > 1) for (const one of underWay) one.isAlone = false;
  const timer = setInterval(() => {
    const isLate = !hinted && seconds() > usualSeconds;
    saySo(`… ${Math.round(seconds())} s${isLate ? `, longer than usual. ${hint}` : ''}`);
    hinted ||= isLate;
  }, everyMs);
  try {
    const result = await work();
    saySo(`done in ${seconds() < 10 ? seconds().toFixed(1) : Math.round(seconds())} s`);
    return result;
  } finally {
    underWay.delete(step);
    clearInterval(timer);
  }
}
