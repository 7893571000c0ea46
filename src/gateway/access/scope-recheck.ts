import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import { contextOf } from '../../platform/request/request-context.js';
import { KeyStanding } from '../principal/key-standing.js';
import type { Principal } from '../principal/principal.js';
import { ScopeGate } from './scopes/scope-gate.js';

/** Ends a request that is under way or had to wait if the scopes of its key no longer allow it. */
@Injectable()
export class ScopeRecheck {
  constructor(
    standing: KeyStanding,
    private readonly scopes: ScopeGate,
  ) {
    standing.checkedBy((request, principal) => this.check(request, principal));
  }

  private check(request: IncomingMessage, { facts, source }: Principal): ProblemError | undefined {
    const { target } = contextOf(request);
    try {
      this.scopes.check(request.method ?? '', target, facts, source === 'session');
      return undefined;
    } catch (error) {
      if (error instanceof ProblemError) return error;
      throw error;
    }
  }
}
