import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { ProblemError } from '../../lib/http/problem-error.js';
import { isUuid } from '../../lib/uuid.js';

/** A key id from the path, in lower case; what cannot be one is a key that does not exist. */
export function KeyId(parameter = 'id'): ParameterDecorator {
  return UuidParam(parameter, 'No such key. Check the key id in the path.');
}

/**
 * An id from the path, in lower case.
 *
 * @param unknown what is said of one that cannot be any
 */
export function UuidParam(parameter: string, unknown: string): ParameterDecorator {
  return createParamDecorator((_data: unknown, context: ExecutionContext): string => {
    const id = context.switchToHttp().getRequest<Request>().params[parameter];
    if (typeof id !== 'string' || !isUuid(id))
      throw new ProblemError('resource-not-found', { message: unknown });
    return id.toLowerCase();
  })();
}
