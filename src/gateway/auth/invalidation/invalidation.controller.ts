import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { MAX_INVALIDATED_KEYS, type InvalidationResponse } from '../../../contracts/keys/invalidation.js';
import { ROUTE_INVALIDATE } from '../../../contracts/http/routes.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { AdminOnly } from '../../../platform/route-access/admin-only.decorator.js';
import { Clock } from '../../../platform/clock.js';
import { Logger } from '../../../platform/logging/logger.js';
import { contextOf } from '../../../platform/request/request-context.js';
import { CacheNames } from '../cache-names.js';
import { Invalidator } from './invalidator.js';
import { readJsonObject } from '../../../platform/request/json-body.js';
import { subjectOfDigest, subjectOfId, type Subject } from './tombstones.js';

const MAX_BODY_BYTES = 16 * 1024;

/** `POST /internal/keys/invalidate`: invalidates everything that is cached of a key, on every replica. */
@Controller()
export class InvalidationController {
  constructor(
    private readonly names: CacheNames,
    private readonly invalidator: Invalidator,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  @Post(ROUTE_INVALIDATE)
  @AdminOnly()
  @HttpCode(202)
  async invalidate(@Req() request: IncomingMessage): Promise<InvalidationResponse> {
    const context = contextOf(request);
    const subjects = this.subjectsOf(await readJsonObject(request, MAX_BODY_BYTES));
    const shared = await this.invalidator.invalidate(subjects);
    this.logger.info('key_invalidated', {
      request_id: context.requestId,
      subject: subjects[0],
      subjects: subjects.length,
      shared,
    });
    if (!shared) throw new ProblemError('invalidation-not-shared', { retryAfterSeconds: 1 });
    return { invalidated_at: new Date(this.clock.now()).toISOString() };
  }

  private subjectsOf(body: Record<string, unknown>): Subject[] {
    const { key_id: keyId, key_ids: keyIds, api_key: apiKey } = body;
    if ([keyId, keyIds, apiKey].filter((value) => value !== undefined).length !== 1)
      throw invalidField('key_id', 'exactly one of key_id, key_ids and api_key');
    if (keyIds !== undefined) {
      if (!isListOfNames(keyIds))
        throw invalidField('key_ids', `a list of 1 to ${MAX_INVALIDATED_KEYS} texts`);
      return [...new Set(keyIds)].map(subjectOfId);
    }
    if (keyId !== undefined) {
      if (!isName(keyId)) throw invalidField('key_id', 'a text');
      return [subjectOfId(keyId)];
    }
    if (!isName(apiKey)) throw invalidField('api_key', 'a text');
    // Under every secret: replicas that write by another one know the key by another digest.
    return [this.names.digest(apiKey), ...this.names.otherDigests(apiKey)].map(subjectOfDigest);
  }
}

function isListOfNames(value: unknown): value is string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.length <= MAX_INVALIDATED_KEYS && value.every(isName)
  );
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 1024;
}

function invalidField(field: string, message: string): ProblemError {
  return new ProblemError('invalid-fields', { fields: [{ field, message: `must be ${message}` }] });
}
