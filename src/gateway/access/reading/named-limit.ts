import { ProblemError } from '../../../lib/http/problem-error.js';

/**
 * Different resources that one request may name. The largest that MLflow itself takes is a batch of 1,000 metrics, each of a
 * run and a logged model.
 */
export const MAX_NAMED = 2500;

/**
 * @param distinct different resources, each of which MLflow may have to be asked about
 * @throws ProblemError `request-too-large`
 */
export function refuseTooMany(distinct: number): void {
  if (distinct <= MAX_NAMED) return;
  throw new ProblemError('request-too-large', {
    message: `The request names ${distinct} different resources, and an API key with grants may name ${MAX_NAMED} in one request. Send it in parts.`,
    reason: 'named_resources',
  });
}
