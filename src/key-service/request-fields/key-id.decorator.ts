import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { ProblemError } from '../../lib/http/problem-error.js';
import { isUuid } from '../../lib/uuid.js';

/** A key id from the path, in lower case; a string that cannot be an id is answered like an unknown key. */
export function KeyId(parameter = 'id'): ParameterDecorator {
  return UuidParam(parameter, 'No such key. Check the key id in the path.');
}

/**
 * An id from the path, in lower case.
 *
 * @param unknown the error text for a string that cannot be an id
 */
export function UuidParam(parameter: string, unknown: string): ParameterDecorator {
  return createParamDecorator((_data: unknown, context: ExecutionContext): string => {
    const id = context.switchToHttp().getRequest<Request>().params[parameter];
    if (typeof id !== 'string' || !isUuid(id))
      throw new ProblemError('resource-not-found', { message: unknown });
    return id.toLowerCase();
  })();
}
