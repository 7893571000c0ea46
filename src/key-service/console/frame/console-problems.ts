import { Injectable } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProblemError } from '../../../lib/http/problem-error.js';
import { sendPage, sendSeeOther } from '../../../platform/browser/page-response.js';
import { contextOf } from '../../../platform/request/request-context.js';
import { CONSOLE_SIGN_IN, isConsolePath } from './console-paths.js';
import { problemPage } from './problem.page.js';

/** What refusals look like in the console: a page, or the sign-in. */
@Injectable()
export class ConsoleProblems {
  /** @returns whether it has answered */
  answer(problem: ProblemError, request: IncomingMessage, response: ServerResponse): boolean {
    const { target, requestId } = contextOf(request);
    if (!isConsolePath(target.path)) return false;
    if (problem.problem === 'admin-token-required') {
      const next = request.method === 'GET' ? target.rawPath + target.rawQuery : '';
      sendSeeOther(response, `${CONSOLE_SIGN_IN}?${new URLSearchParams({ next }).toString()}`);
      return true;
    }
    sendPage(response, problemPage(problem, requestId));
    return true;
  }
}
