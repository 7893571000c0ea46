import { Injectable, type CanActivate } from '@nestjs/common';
import { ProblemError } from '../../lib/problem-error.js';

/** The first guard of every route: no request passes without a valid API key unless its route is public. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  canActivate(): boolean {
    throw new ProblemError('api-key-required');
  }
}
