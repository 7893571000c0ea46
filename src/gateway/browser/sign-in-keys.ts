import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../lib/http/problem-error.js';
import type { RequestContext } from '../../platform/request/request-context.js';
import { ScopeGate } from '../access/scopes/scope-gate.js';
import { isKeyText } from '../auth/credential/credential.js';
import { KEY_REFUSALS } from '../auth/credential/key-refusals.js';
import type { Verdict } from '../auth/credential/verdict.js';
import { KeyAuthentication } from '../auth/key-authentication.js';
import type { KeyFacts } from '../principal/key-facts.js';
import type { Principal } from '../principal/principal.js';
import { SignInLimit } from './sign-in-limit.js';
import { ROUTE_UI } from './session-paths.js';

const UI = { rawPath: ROUTE_UI, rawQuery: '', path: ROUTE_UI };

/** Checks the key that a person signs in with: whether it is valid, and whether it opens MLflow's UI at all. */
@Injectable()
export class SignInKeys {
  constructor(
    private readonly keys: KeyAuthentication,
    private readonly scopes: ScopeGate,
    private readonly limit: SignInLimit,
  ) {}

  async verdictOn(key: string, context: RequestContext): Promise<Verdict> {
    if (!isKeyText(key)) return { kind: 'refused', refusal: KEY_REFUSALS.malformed };
    const verdict = await this.keys.authenticate({ key, source: 'session' }, context);
    if (verdict.kind === 'refused' || this.opensUi(verdict.principal.facts)) return verdict;
    return { kind: 'refused', refusal: { problem: 'insufficient-scope', reason: 'insufficient-scope' } };
  }

  /** Whether the key may begin one more session now; counts it. */
  mayBeginSession({ subject }: Principal): boolean {
    return this.limit.admits(subject);
  }

  private opensUi(facts: KeyFacts): boolean {
    try {
      this.scopes.check('GET', UI, facts);
      return true;
    } catch (error) {
      if (error instanceof ProblemError) return false;
      throw error;
    }
  }
}
