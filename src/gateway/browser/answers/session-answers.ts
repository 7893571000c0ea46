import { Injectable } from '@nestjs/common';
import type { AnswerHead } from '../../mlflow-proxy/headers/answer-headers.js';
import {
  headerOf,
  type AnswerShape,
  type AnswerSink,
  type ShapedRequest,
  type SinkMaker,
} from '../../mlflow-proxy/answers/answer-shape.js';
import type { ScopeGate } from '../../access/scopes/scope-gate.js';
import { principalOf } from '../../principal/principal.js';
import { SessionConfig } from '../../config/session.config.js';
import { textsFor } from '../pages/languages.js';
import { sessionScriptTag } from '../session-script.js';
import { isStaticFile, ROUTE_UI } from '../session-paths.js';
import { accountAnswer } from './account.js';
import { contentPolicy } from './content-policy.js';
import { otherHeaders, shellHeaders, staticFileHeaders } from './session-headers.js';
import { ReplacedAnswer, ScriptedPage } from './session-sinks.js';

/**
 * Shapes the answers to sessions. Answers to a key in a header are not changed, unless a browser sent the key by
 * itself.
 */
@Injectable()
export class SessionAnswers implements AnswerShape {
  private readonly policy: string | undefined;
  private readonly withScript: boolean;

  constructor(
    config: SessionConfig,
    private readonly scopes: ScopeGate,
  ) {
    this.policy = contentPolicy(config.contentSecurityPolicy);
    this.withScript = config.sessionScript;
  }

  sinkFor({ request, context, mount }: ShapedRequest): SinkMaker | undefined {
    const principal = principalOf(request);
    const { path } = context.target;
    if (principal?.source === 'basic' && isOfBrowser(request)) return this.guardedSink(path, mount);
    if (principal?.source !== 'session') return undefined;
    if (path === ROUTE_UI) return this.shellSink(request);
    if (isStaticFile(path)) return (next) => withHeaders(next, (headers) => staticFileHeaders(headers, path));
    const account = accountAnswer(path.slice(mount.length), principal);
    const passes =
      account === undefined ||
      this.scopes.maySeeAnswer(request.method ?? '', context.target, principal.facts);
    return (next) => {
      const sink = guarded(next, path);
      if (account === undefined) return sink;
      // MLflow's own answer where it has accounts: but only for a key that may call it.
      return new ReplacedAnswer(sink, (status) => (passes && status !== 404 ? undefined : account));
    };
  }

  /** For a key that a browser sends by itself: a page that a run has logged must not be able to use it either. */
  private guardedSink(path: string, mount: string): SinkMaker | undefined {
    const below = path.slice(mount.length);
    if (below.startsWith('/static-files/')) return undefined;
    return (next) => (below === '/' ? this.dressed(next) : guarded(next, path));
  }

  private shellSink(request: ShapedRequest['request']): SinkMaker {
    const tag =
      this.withScript && request.method === 'GET'
        ? sessionScriptTag(textsFor(request.headers['accept-language']))
        : undefined;
    return (next) => (tag === undefined ? this.dressed(next) : new ScriptedPage(this.dressed(next), tag));
  }

  private dressed(next: AnswerSink): AnswerSink {
    const { policy } = this;
    return withHeaders(next, (headers, status) =>
      isHtml(headers) ? shellHeaders(headers, policy) : otherHeaders(headers, status, ROUTE_UI),
    );
  }
}

/** Only browsers say from what site a request comes, and they always do where they keep sessions. */
function isOfBrowser({ headers }: ShapedRequest['request']): boolean {
  return headers['sec-fetch-site'] !== undefined;
}

function guarded(next: AnswerSink, path: string): AnswerSink {
  return withHeaders(next, (headers, status) => otherHeaders(headers, status, path));
}

function isHtml(headers: readonly string[]): boolean {
  return /^text\/html\b/i.test(headerOf(headers, 'content-type') ?? 'text/html');
}

function withHeaders(
  next: AnswerSink,
  rewrite: (headers: readonly string[], status: number) => string[],
): AnswerSink {
  return {
    start: (status: number, text: string | undefined, head: AnswerHead) =>
      next.start(status, text, { ...head, headers: rewrite(head.headers, status) }),
    data: (chunk) => next.data(chunk),
    end: (trailers) => next.end(trailers),
  };
}
