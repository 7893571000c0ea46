import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { hasBody, readJson } from '../../platform/request/json-body.js';
import { instantFields, parseFields, type FieldsClass, type ParseOptions } from './parse-fields.js';

/** Three times the largest body that most routes need. */
const LIMIT_BYTES = 16 * 1024;

export interface BodyOptions extends ParseOptions {
  /** Largest body that is read; 16 KiB unless given. */
  limitBytes?: number;
}

/**
 * The body of a request as a validated class; a request without a body counts as an empty object. It is read here,
 * after the guards, so that no body of a refused caller is read.
 */
export function JsonBody<T extends object>(
  fields: FieldsClass<T>,
  { limitBytes = LIMIT_BYTES, ...options }: BodyOptions = {},
): ParameterDecorator {
  return createParamDecorator(async (_data: unknown, context: ExecutionContext): Promise<T> => {
    const request = context.switchToHttp().getRequest<Request>();
    const body = hasBody(request) ? await readJson(request, limitBytes) : {};
    return parseFields(body, fields, options);
  })();
}

/** The query of a request as a validated class of texts. */
export function QueryFields<T extends object>(fields: FieldsClass<T>): ParameterDecorator {
  const times = instantFields(fields);
  return createParamDecorator((_data: unknown, context: ExecutionContext): T => {
    const query = { ...context.switchToHttp().getRequest<Request>().query };
    for (const name of times) if (typeof query[name] === 'string') query[name] = withPlus(query[name]);
    return parseFields(query, fields);
  })();
}

/** In a query `+` is decoded to a space, and few callers write the plus of a time zone offset as `%2B`. */
function withPlus(time: string): string {
  return time.replace(/ (\d\d:\d\d)$/, '+$1');
}
