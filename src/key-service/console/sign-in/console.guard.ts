import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { isCrossSite } from '../../../platform/browser/cross-site.js';
import { ServerConfig } from '../../../platform/config/server.config.js';
import { contextOf } from '../../../platform/request/request-context.js';
import { setCaller } from '../../admin-auth/current-actor.decorator.js';
import { ConsoleSessions } from './console-sessions.js';

/** Refuses requests that pages of other origins may have caused. */
@Injectable()
export class OwnPages implements CanActivate {
  constructor(private readonly config: ServerConfig) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    const { secure } = contextOf(request);
    if (isCrossSite(request, 'cookie', { secure, trustedHops: this.config.trustedProxyHops }))
      throw new ProblemError('cross-site-request');
    return true;
  }
}

/** Lets in who is signed in to the console, under the name that the audit log shows. */
@Injectable()
export class ConsoleGuard implements CanActivate {
  constructor(private readonly sessions: ConsoleSessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    const name = await this.sessions.adminName(request);
    if (name === undefined)
      throw new ProblemError('admin-token-required', { reason: 'console-session-missing' });
    setCaller(request, `admin:${name}`);
    return true;
  }
}
