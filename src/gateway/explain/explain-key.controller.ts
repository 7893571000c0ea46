import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { isIP } from 'node:net';
import type { ExplainResponse } from '../../contracts/keys/access-explain.js';
import { ROUTE_KEY_EXPLAIN } from '../../contracts/http/routes.js';
import { isObject } from '../../lib/json/json-object.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { readValidationAnswer } from '../../lib/keys/validation-answer.js';
import { Clock } from '../../platform/clock.js';
import { readJsonObject } from '../../platform/request/json-body.js';
import { AdminOnly } from '../../platform/route-access/admin-only.decorator.js';
import { keyFactsOf } from '../auth/auth-service/key-answer.js';
import { judgeKey } from '../auth/facts/key-policy.js';
import { RequestBodies } from '../access/reading/request-bodies.js';
import { AuthConfig } from '../config/auth.config.js';
import type { KeyFacts } from '../principal/key-facts.js';
import { explainRequestOf, requestInQuestion } from './explain-request.js';
import { Explainer, refused, type Explanation } from './explainer.js';
import { LimitReport } from './limit-report.js';

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * `POST /internal/keys/explain`: what would happen to a request of a key. It is for the key service, which knows only
 * the id of the key. Nothing is forwarded, and nothing is counted against the key.
 */
@Controller()
export class ExplainKeyController {
  constructor(
    private readonly explainer: Explainer,
    private readonly limits: LimitReport,
    private readonly auth: AuthConfig,
    private readonly clock: Clock,
    private readonly bodies: RequestBodies,
  ) {}

  @Post(ROUTE_KEY_EXPLAIN)
  @HttpCode(200)
  @AdminOnly()
  async explain(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExplainResponse> {
    const { key, client_ip: clientIp, ...asked } = await readJsonObject(request, MAX_BODY_BYTES);
    const facts = factsOf(key);
    if (clientIp !== undefined && (typeof clientIp !== 'string' || isIP(clientIp) === 0))
      throw wrong('client_ip', 'must be an address, or left out');
    // The explained key is the one in the body, not the caller's.
    if (asked['as'] !== undefined) throw wrong('as', 'must be left out: "key" says what the key has');
    const question = requestInQuestion(explainRequestOf(asked), this.bodies.hold(request));
    response.setHeader('cache-control', 'no-store');
    const explanation = await this.explainer.explain(question, facts, true);
    return {
      ...explanation,
      ...this.refusalOf(facts, clientIp),
      limits: this.limits.ofRequest(facts, question.method, question.target, response),
    };
  }

  /**
   * Refusals that concern the key as a whole, whatever the request is. Its holder gets one text for several of them;
   * administrators see which one it is.
   */
  private refusalOf(facts: KeyFacts, clientIp?: string): Partial<Explanation> {
    const { serviceId } = this.auth;
    const judged = clientIp === undefined ? { ...facts, allowedIps: null } : facts;
    const verdict = judgeKey(judged, { clientIp: clientIp ?? '', serviceId, clock: this.clock });
    if (verdict === 'allowed') return {};
    if (verdict === 'address-not-allowed')
      return refused(
        new ProblemError('address-not-allowed', {
          message: `The key may not be used from ${clientIp}, only from ${listOf(facts.allowedIps)}.`,
        }),
      );
    const message =
      verdict === 'expired'
        ? 'The key has expired.'
        : `The key is for ${listOf(facts.serviceIds ?? [facts.serviceId ?? ''])}, and this gateway takes keys for ${serviceId}.`;
    return refused(new ProblemError('invalid-api-key', { message }));
  }
}

function factsOf(key: unknown): KeyFacts {
  if (!isObject(key)) throw wrong('key', 'must be what the key service knows of the key');
  const answer = readValidationAnswer(JSON.stringify({ ...key, valid: true, is_valid: true }));
  if (answer.kind === 'valid') return keyFactsOf(answer.facts);
  throw wrong('key', answer.kind === 'unreadable' ? answer.what : 'must be a key');
}

function listOf(names: readonly string[] | null): string {
  return names === null || names.length === 0 ? 'none' : names.join(', ');
}

function wrong(field: string, message: string): ProblemError {
  return new ProblemError('invalid-fields', {
    message: `"${field}" ${message}. Correct it and send the request again.`,
    fields: [{ field, message }],
  });
}
