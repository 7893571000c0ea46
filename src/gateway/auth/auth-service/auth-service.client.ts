import { HttpService } from '@nestjs/axios';
import { Inject, Injectable } from '@nestjs/common';
import type { AxiosResponse } from 'axios';
import { firstValueFrom } from 'rxjs';
import type { Span } from '../../../platform/request/span.js';
import type { ValidateKeyRequest } from '../../../contracts/keys/key-validation.js';
import { HEADER_REQUEST_ID } from '../../../contracts/http/headers.js';
import { ROUTE_KEYS_VALIDATE } from '../../../contracts/http/routes.js';
import { AuthConfig } from '../../config/auth.config.js';
import { AuthServiceError } from './auth-service.error.js';
import { sortReply, type Reply } from './auth-service.reply.js';
import type { Contract } from './contract.negotiator.js';

/** What is asked about a key. */
export interface KeyQuestion {
  readonly key: string;
  readonly clientIp: string;
  /** Id of the request that asked first, so that the auth service's log can be matched with the gateway's. */
  readonly requestId: string;
  /** Of that request, where traces are kept. */
  readonly span?: Span | undefined;
  /** Neither this replica nor Redis has seen the key valid: it may be a guess. */
  readonly neverValid?: boolean;
}

/** Larger answers are not read: they count as faults. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** One HTTP exchange with the auth service: it follows no redirect, and limits the size of the answer. */
@Injectable()
export class AuthServiceClient {
  private readonly url: string;

  constructor(
    private readonly http: HttpService,
    @Inject(AuthConfig)
    private readonly config: Pick<AuthConfig, 'serviceUrl' | 'serviceToken' | 'serviceId'>,
  ) {
    this.url = config.serviceUrl.replace(/\/+$/, '') + ROUTE_KEYS_VALIDATE;
  }

  /** @throws AuthServiceError for every answer that does not decide about the key */
  async ask(contract: Contract, question: KeyQuestion, signal: AbortSignal): Promise<Reply> {
    const { serviceToken, serviceId } = this.config;
    const { key, clientIp, requestId } = question;
    const body: ValidateKeyRequest = {
      ...(contract === 'body' && { api_key: key }),
      service_id: serviceId,
      client_ip: clientIp,
    };
    const bearer = contract === 'header' ? key : serviceToken;
    const span = question.span?.call('auth-service');
    const headers = {
      ...(span && { traceparent: span.traceparent }),
      [HEADER_REQUEST_ID]: requestId,
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    };
    let response: AxiosResponse<string>;
    try {
      response = await firstValueFrom(this.http.post<string>(this.url, body, { headers, signal }));
    } catch (error) {
      span?.end({ status: 0 });
      throw toFault(error, signal);
    }
    span?.end({ status: response.status });
    const retryAfter: unknown = response.headers['retry-after'];
    return sortReply(response.status, response.data, typeof retryAfter === 'string' ? retryAfter : undefined);
  }
}

/** The error of the HTTP library holds the request, and so the key: only its code is passed on. */
function toFault(error: unknown, signal: AbortSignal): AuthServiceError {
  if (signal.aborted) return new AuthServiceError('timeout');
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof message === 'string' && message.startsWith('maxContentLength'))
    return new AuthServiceError('oversized');
  return new AuthServiceError('connection', typeof code === 'string' ? code : undefined);
}
