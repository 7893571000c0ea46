import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** What npm and pip say, request by request; the person at the terminal sees only the steps. */
export function prepareLog(root) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  return join(root, '.cache', 'prepare.log');
}

/** The last sentence of a complaint about npm or pip. */
export function seeLog(root) {
  return `All that it said is in ${prepareLog(root)}; the next run repeats this step.`;
}

/** For `slowly`: what to do about a step that downloads, once it takes longer than usual. */
export function whenLate(root, usualSeconds) {
  return {
    usualSeconds,
    hint:
      `The network may be slow, or need a proxy: see ${prepareLog(root)} for what is being fetched. ` +
      'Ctrl-C loses nothing but this step.',
  };
}
