import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { ValidateKeyResponse } from '../../contracts/keys/key-validation.js';
import { ROUTE_KEYS_VALIDATE } from '../../contracts/http/routes.js';
import { ProblemError } from '../../lib/http/problem-error.js';
import { bearerToken } from '../../lib/keys/secrets.js';
import { Public } from '../../platform/route-access/public.decorator.js';
import { LogFields } from '../../platform/logging/log-fields.js';
import { contextOf } from '../../platform/request/request-context.js';
import { JsonBody } from '../request-fields/json-body.decorator.js';
import { LastUsedRecorder } from '../keys/last-used/last-used.recorder.js';
import type { KeyRecord } from '../records/key-record.js';
import { statedFactsOf } from '../records/stated-facts.js';
import { presentedKey } from './presented-key.js';
import { ValidateKeyFields } from './validate.fields.js';
import { ValidationGate, type ValidationCaller } from './validation.gate.js';
import { ValidationMetrics } from './validation.metrics.js';
import { ValidationService, type RefusalReason } from './validation.service.js';

/** `POST /api/v1/keys/validate`: a caller that has a key may validate it. */
@Controller()
export class ValidateController {
  constructor(
    private readonly validation: ValidationService,
    private readonly gate: ValidationGate,
    private readonly lastUsed: LastUsedRecorder,
    private readonly metrics: ValidationMetrics,
  ) {}

  @Post(ROUTE_KEYS_VALIDATE)
  @HttpCode(200)
  @Public('the key in question is the credential; failures are limited by address')
  async validate(
    @Req() request: Request,
    @JsonBody(ValidateKeyFields, { ignoreUnknown: true }) fields: ValidateKeyFields,
  ): Promise<ValidateKeyResponse> {
    const context = contextOf(request);
    const bearer = bearerToken(request.headers.authorization);
    const caller = this.gate.callerOf(context.clientIp, bearer);
    const { key, conflict } = presentedKey(bearer, fields, caller.isService);
    this.gate.admit(caller);
    if (key === undefined) {
      this.metrics.count('missing');
      this.gate.failed(caller);
      throw new ProblemError('api-key-required', { headers: { 'www-authenticate': CHALLENGE } });
    }
    if (conflict) {
      // Not a 401: the bearer token may be a gateway's wrong token, which says nothing about the key.
      this.gate.failed(caller);
      throw new ProblemError('conflicting-credentials');
    }
    const clientIp = fields.client_ip ?? context.clientIp;
    const verdict = await this.validation
      .validate({
        key,
        serviceId: fields.service_id ?? null,
        clientIp,
        caller: this.gate.shareOf(caller, clientIp),
      })
      .catch((error: unknown) => {
        this.undecided(caller, error);
        throw error;
      });
    if (verdict.kind === 'refused') {
      context.fields = new LogFields({ key_id: verdict.keyId });
      this.metrics.count(verdict.reason);
      this.gate.failed(caller);
      throw refusal(verdict.reason);
    }
    const { id, userId } = verdict.record;
    context.fields = new LogFields({ key_id: id, user_id: userId ?? undefined });
    this.metrics.count('valid');
    this.lastUsed.used(verdict.record.id);
    return toResponse(verdict.record);
  }

  /** A key that takes too long to compare counts as unknown in its caller's limit. */
  private undecided(caller: ValidationCaller, error: unknown): void {
    if (!(error instanceof ProblemError) || error.problem !== 'key-check-unavailable') return;
    this.metrics.count('undecided');
    this.gate.failed(caller);
  }
}

const CHALLENGE = 'Bearer realm="key-service"';

/** One message for all reasons but the address, which only the holder of the key gets to know. */
function refusal(reason: RefusalReason): ProblemError {
  return reason === 'address'
    ? new ProblemError('address-not-allowed', { reason })
    : new ProblemError('invalid-api-key', {
        headers: { 'www-authenticate': `${CHALLENGE}, error="invalid_token"` },
        reason,
      });
}

function toResponse(record: KeyRecord): Required<Omit<ValidateKeyResponse, 'is_valid'>> {
  return { valid: true, ...statedFactsOf(record) };
}
