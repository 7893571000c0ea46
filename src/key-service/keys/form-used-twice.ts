import { ProblemError } from '../../lib/http/problem-error.js';

/** A form holds the id of its key, and there is a key with that id. */
export function formUsedTwice(): ProblemError {
  return new ProblemError('conflict', {
    message: 'This form has made its key already. Open the form again for another one.',
    reason: 'form-used-twice',
  });
}
