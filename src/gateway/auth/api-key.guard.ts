import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { isMistypedKey } from '../../lib/key-format.js';
import { Clock } from '../../platform/clock.js';
import { PublicRoutes } from '../../platform/route-access/public.decorator.js';
import { contextOf, type RequestContext } from '../../platform/request/request-context.js';
import { AuthConfig } from '../config/auth.config.js';
import type { LookupResult } from './auth.metrics.js';
import { readCredential, type Credential } from './credential/credential.js';
import { KeyDirectory } from './facts/key-directory.js';
import { judgeKey } from './facts/key-policy.js';
import type { KnownKey } from './facts/known-keys.js';
import { setPrincipal } from '../principal/principal.js';
import { Refusals } from './refusals.js';

/**
 * The first guard of every route: without a valid key nothing passes, unless the route is public. With the
 * facts in memory it does not wait.
 */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  private readonly publicRoutes: PublicRoutes;

  constructor(
    reflector: Reflector,
    private readonly config: AuthConfig,
    private readonly directory: KeyDirectory,
    private readonly refusals: Refusals,
    private readonly clock: Clock,
  ) {
    this.publicRoutes = new PublicRoutes(reflector);
  }

  /** @throws ProblemError where the request is refused */
  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    if (this.publicRoutes.has(execution)) return true;
    const request = execution.getArgByIndex<IncomingMessage>(0);
    const context = contextOf(request);
    const query = this.config.allowQueryApiKey ? context.target.rawQuery : '';
    const credential = readCredential(request, query);
    if (typeof credential === 'string') throw this.refusals.badCredential(context, credential);
    if (isMistypedKey(credential.key)) throw this.refusals.badKey(context, 'mistyped');

    const { key } = credential;
    const { clientIp, requestId } = context;
    const known = this.directory.peek({ key, clientIp, requestId });
    if (known) return this.admit(request, context, known, credential, known.cache);
    return this.lookUp(request, context, credential);
  }

  private async lookUp(
    request: IncomingMessage,
    context: RequestContext,
    credential: Credential,
  ): Promise<boolean> {
    const { clientIp, requestId } = context;
    const finding = await this.directory
      .find({ key: credential.key, clientIp, requestId })
      .catch((error: unknown) => {
        throw this.refusals.unavailable(context, error);
      });
    switch (finding.kind) {
      case 'valid':
        return this.admit(request, context, finding.known, credential, finding.cache);
      case 'refused':
        context.cache = finding.cache;
        throw this.refusals.badKey(context, 'refused');
      case 'forbidden':
        throw this.refusals.forbidden(context);
      case 'blocked':
        throw this.refusals.blocked(context, finding.retryAfterSeconds);
      default:
        return unreachable(finding);
    }
  }

  private admit(
    request: IncomingMessage,
    context: RequestContext,
    known: KnownKey,
    { source }: Credential,
    cache: LookupResult,
  ): boolean {
    const { facts } = known.entry;
    context.keyId = facts.keyId ?? undefined;
    context.userId = facts.userId ?? undefined;
    context.cache = cache;
    const { serviceId } = this.config;
    const verdict = judgeKey(facts, { clientIp: context.clientIp, serviceId, nowMs: this.clock.now() });
    if (verdict === 'address-not-allowed') throw this.refusals.addressNotAllowed(context);
    if (verdict !== 'allowed') throw this.refusals.badKey(context, verdict);
    if (cache === 'miss') this.refusals.succeeded(context);
    setPrincipal(request, known.principal(source));
    return true;
  }
}

function unreachable(value: never): never {
  throw new Error(`unexpected finding ${JSON.stringify(value)}`);
}
