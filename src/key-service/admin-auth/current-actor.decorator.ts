import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { contextOf } from '../../platform/request/request-context.js';
import type { Actor } from '../audit/audit-writer.js';

const CALLER = Symbol('caller');

export function setCaller(request: IncomingMessage, name: string): void {
  (request as { [CALLER]?: string })[CALLER] = name;
}

/** Who asks, as the audit log has it: the caller that `AdminGuard` let in, the request and the address. */
export function CurrentActor(): ParameterDecorator {
  return createParamDecorator((_data: unknown, context: ExecutionContext): Actor => {
    const request = context.switchToHttp().getRequest<IncomingMessage>();
    const name = (request as { [CALLER]?: string })[CALLER];
    if (name === undefined) throw new Error('a route without an admin token has no actor');
    const { requestId, clientIp } = contextOf(request);
    return { name, requestId, clientIp };
  })();
}
