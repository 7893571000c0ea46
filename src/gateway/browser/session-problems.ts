import { Injectable } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorName } from '../../contracts/errors/error-codes.js';
import { CREDENTIAL_HEADERS, HEADER_SESSION, QUERY_API_KEY } from '../../contracts/http/headers.js';
import { SCOPE_MLFLOW_ACCESS } from '../../contracts/access/scopes.js';
import type { ProblemError } from '../../lib/http/problem-error.js';
import { isDocumentNavigation } from '../../platform/browser/cross-site.js';
import { sendPage, sendSeeOther } from '../../platform/browser/page-response.js';
import { placeOf } from '../../platform/browser/session-cookie.js';
import { contextOf } from '../../platform/request/request-context.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import { BrowserSessions } from './browser-sessions.js';
import { signInPage } from './pages/sign-in.page.js';
import { textsFor } from './pages/languages.js';
import type { SignInReason } from './pages/texts.js';
import { ROUTE_UI, safeNext } from './session-paths.js';

/** Refusals that a new sign-in can solve, with the reason that the sign-in form shows. */
const SIGN_IN_HELPS: Partial<Record<ErrorName, SignInReason>> = {
  'session-ended': 'ended',
  'insufficient-scope': 'scope',
  'address-not-allowed': 'address',
  'key-forbidden': 'forbidden',
};

/**
 * How a refusal is answered to a browser that sent no credential in a header. A person who opens a page below
 * `/mlflow/` gets the sign-in page at the same address, so that everything behind the # is kept. Everybody else gets
 * the problem, with a header that tells the session script what has become of the session.
 */
@Injectable()
export class SessionProblems {
  constructor(private readonly sessions: BrowserSessions) {}

  /** @returns whether it has answered */
  answer(problem: ProblemError, request: IncomingMessage, response: ServerResponse): boolean {
    const name = problem.problem;
    const isMissing = name === 'api-key-required';
    if (!isMissing && !(name in SIGN_IN_HELPS)) return false;
    const { target } = contextOf(request);
    const mount = mountOf(target.path);
    if (mount === undefined || bringsCredential(request, target.rawQuery)) return false;
    if (mount !== '/mlflow') return isMissing && this.sendToUi(request, response);
    // A key that lacks a scope for one call can still make all others, so MLflow's page shows the error itself.
    if (name === 'insufficient-scope' && !opensNothing(problem)) return false;
    response.setHeader(HEADER_SESSION, problem.status === 401 ? 'ended' : 'forbidden');
    if (!isDocumentNavigation(request)) return false;
    this.showSignIn(problem, request, response);
    return true;
  }

  /** MLflow's client prints links to runs below the tracking URI; a browser keeps what is behind the #. */
  private sendToUi(request: IncomingMessage, response: ServerResponse): boolean {
    const { rawPath } = contextOf(request).target;
    if (!/^\/api\/mlflow\/?$/.test(rawPath) || !isDocumentNavigation(request)) return false;
    sendSeeOther(response, ROUTE_UI);
    return true;
  }

  private showSignIn(problem: ProblemError, request: IncomingMessage, response: ServerResponse): void {
    const { rawPath, rawQuery } = contextOf(request).target;
    const place = placeOf(request);
    const challenge = problem.headers['www-authenticate'];
    sendPage(
      response,
      signInPage({
        texts: textsFor(request.headers['accept-language']),
        next: safeNext(rawPath + rawQuery),
        reason: this.sessions.cookie.isPossible(place) ? SIGN_IN_HELPS[problem.problem] : 'https',
        ...(challenge !== undefined && { headers: { 'www-authenticate': challenge } }),
      }),
    );
  }
}

/** Whether the key lacks the very scope that any part of MLflow needs. */
function opensNothing({ headers }: ProblemError): boolean {
  return headers['www-authenticate']?.includes(`scope="${SCOPE_MLFLOW_ACCESS}"`) ?? false;
}

function bringsCredential({ headers }: IncomingMessage, rawQuery: string): boolean {
  return (
    CREDENTIAL_HEADERS.some((name) => headers[name] !== undefined) || rawQuery.includes(`${QUERY_API_KEY}=`)
  );
}
