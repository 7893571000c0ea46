import type { ProblemError } from '../../../lib/http/problem-error.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { CONSOLE_KEYS } from './console-paths.js';
import { framed } from './frame.js';

/** A refusal in words. */
export function problemPage(problem: ProblemError, requestId: string): Page {
  return framed({
    title: 'That did not work',
    status: problem.status,
    children: (
      <>
        <p class="notice bad" role="alert">
          {problem.message}
        </p>
        <p>What you typed is still in the form: go back to it, or</p>
        <p>
          <a href={CONSOLE_KEYS}>go to the keys</a>
        </p>
        <p class="hint">Request {requestId}</p>
      </>
    ),
  });
}
