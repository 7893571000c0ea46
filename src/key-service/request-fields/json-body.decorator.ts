import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { ProblemError } from '../../lib/problem-error.js';
import { parseFields, type FieldsClass, type ParseOptions } from './parse-fields.js';

/** The body of a request as a validated class; a request without a body counts as an empty object. */
export function JsonBody<T extends object>(
  fields: FieldsClass<T>,
  options: ParseOptions = {},
): ParameterDecorator {
  return createParamDecorator((_data: unknown, context: ExecutionContext): T => {
    const request = context.switchToHttp().getRequest<Request>();
    const body: unknown = request.body;
    // A body that is there and was not parsed has another type than JSON.
    if (body === undefined && hasBody(request)) throw new ProblemError('unsupported-media-type');
    return parseFields(body ?? {}, fields, options);
  })();
}

/** The query of a request as a validated class of texts. */
export function QueryFields<T extends object>(fields: FieldsClass<T>): ParameterDecorator {
  return createParamDecorator((_data: unknown, context: ExecutionContext): T =>
    parseFields(context.switchToHttp().getRequest<Request>().query, fields),
  )();
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
