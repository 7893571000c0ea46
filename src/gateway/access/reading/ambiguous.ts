import { ERROR_CATALOGUE } from '../../../contracts/errors/error-codes.js';
import { ProblemError } from '../../../lib/http/problem-error.js';

/** @param what sentence without its full stop, such as `the member "run_id" stands twice` */
export function ambiguous(what: string): ProblemError {
  const { detail, advice } = ERROR_CATALOGUE['ambiguous-request'];
  return new ProblemError('ambiguous-request', { message: `${detail}: ${what}. ${advice}` });
}
