import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { RequestContext } from '../../platform/request/request-context.js';
import { KeyAuthentication } from '../auth/key-authentication.js';
import type { Authenticator } from '../auth/credential/authenticator.js';
import type { Refusal, Verdict } from '../auth/credential/verdict.js';
import { CHALLENGE } from '../auth/credential/challenges.js';
import { MlflowConfig } from '../config/mlflow.config.js';
import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import { BrowserSessions, type SessionState } from './browser-sessions.js';
import { isUnmeteredInSession } from './session-paths.js';

/**
 * The key in the cookie of a browser session. It is asked after the keys in headers, and looks at requests below
 * `/mlflow` alone: a session never reaches `/api/mlflow` or the gateway's own routes.
 */
@Injectable()
export class SessionAuthenticator implements Authenticator {
  constructor(
    private readonly sessions: BrowserSessions,
    private readonly keys: KeyAuthentication,
    private readonly mlflow: MlflowConfig,
  ) {}

  authenticate(request: IncomingMessage, context: RequestContext): Verdict | Promise<Verdict> | undefined {
    if (mountOf(context.target.path) !== '/mlflow') return undefined;
    const state = this.sessions.read(request);
    if (state === undefined) return undefined;
    return state instanceof Promise
      ? state.then((opened) => this.verdict(opened, request, context))
      : this.verdict(state, request, context);
  }

  private verdict(
    state: SessionState,
    { method }: IncomingMessage,
    context: RequestContext,
  ): Verdict | Promise<Verdict> {
    if (typeof state === 'string') return { kind: 'refused', refusal: refusalOf(`session-${state}`) };
    context.inSession = true;
    context.metered = !isUnmeteredInSession(method, context.target.path, this.mlflow);
    const verdict = this.keys.authenticate({ key: state.key, source: 'session' }, context);
    return verdict instanceof Promise
      ? verdict.then((decided) => asSession(decided, context))
      : asSession(verdict, context);
  }
}

function asSession(verdict: Verdict, { metered }: RequestContext): Verdict {
  if (verdict.kind === 'admitted')
    return metered ? verdict : { ...verdict, principal: { ...verdict.principal, unmetered: true as const } };
  const { reason, problem, counted } = verdict.refusal;
  if (!counted) return verdict;
  // A session's key was valid once, so it is not a guess: tabs left open must not block their address.
  const refusal = problem === 'invalid-api-key' ? refusalOf(reason) : { ...verdict.refusal, counted: false };
  return { ...verdict, refusal };
}

function refusalOf(reason: string): Refusal {
  return { problem: 'session-ended', reason, headers: { 'www-authenticate': CHALLENGE } };
}
