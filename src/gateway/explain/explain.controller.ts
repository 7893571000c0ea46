import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ExplainRequest, ExplainResponse } from '../../contracts/keys/access-explain.js';
import { MLFLOW_MOUNTS, ROUTE_EXPLAIN } from '../../contracts/http/routes.js';
import { SCOPE_ADMIN } from '../../contracts/access/scopes.js';
import { contextOf } from '../../platform/request/request-context.js';
import { NeedsNoScope } from '../access/no-scope.decorator.js';
import { RequestBodies } from '../access/reading/request-bodies.js';
import { ScopeGate } from '../access/scopes/scope-gate.js';
import { scopeMissing } from '../access/scopes/scope-missing.js';
import type { KeyFacts } from '../principal/key-facts.js';
import { principalOf } from '../principal/principal.js';
import { readExplainRequest, requestInQuestion } from './explain-request.js';
import { Explainer } from './explainer.js';
import { LimitReport } from './limit-report.js';

const ROUTES = [ROUTE_EXPLAIN, ...MLFLOW_MOUNTS.map((mount) => mount + ROUTE_EXPLAIN)];
const MAX_BODY_BYTES = 1024 * 1024;
/** Bound for the memory of the parsed JSON: two characters can be an object. */
const BYTES_OF_CHARACTER = 32;

/** `POST /explain`: what would happen to a request of the key that asks, and why. Nothing is forwarded. */
@Controller()
export class ExplainController {
  constructor(
    private readonly explainer: Explainer,
    private readonly scopes: ScopeGate,
    private readonly limits: LimitReport,
    private readonly bodies: RequestBodies,
  ) {}

  @Post(ROUTES)
  @HttpCode(200)
  @NeedsNoScope('shows the holder of a key what the key may do')
  async explain(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExplainResponse> {
    const context = contextOf(request);
    context.route = 'explain';
    context.metered = false;
    const principal = principalOf(request);
    if (!principal) throw new Error('no principal');
    const body = await this.bodies.collect(request, response, MAX_BODY_BYTES);
    const held = this.bodies.hold(request);
    try {
      held.grow(body.length * BYTES_OF_CHARACTER);
      const asked = readExplainRequest(body);
      const mayKnow = principal.facts.grants === null && this.scopes.isAdmin(principal.facts);
      const facts = this.factsOf(asked, principal.facts, mayKnow);
      const question = requestInQuestion(asked, held);
      response.setHeader('cache-control', 'no-store');
      return {
        ...(await this.explainer.explain(question, facts, mayKnow)),
        limits: this.limits.ofRequest(facts, question.method, question.target, response),
      };
    } finally {
      held.release();
    }
  }

  /** Only administrators may ask about facts of another key. */
  private factsOf({ as }: ExplainRequest, own: KeyFacts, mayKnow: boolean): KeyFacts {
    if (as === undefined) return own;
    if (!mayKnow) throw scopeMissing(SCOPE_ADMIN);
    return { ...own, scopes: as.scopes, grants: as.grants };
  }
}
