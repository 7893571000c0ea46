import { Injectable } from '@nestjs/common';
import type { ExplainKeyRequest, ExplainResponse } from '../../contracts/keys/access-explain.js';
import { ROUTE_KEY_EXPLAIN } from '../../contracts/http/routes.js';
import { isObject } from '../../lib/json/json-object.js';
import { GatewayCalls } from './gateway-calls.js';

/** The gateway may have to ask MLflow first what the request is about. */
const TIMEOUT_MS = 5000;

/** What one gateway says of a request. */
export type GatewayExplanation = {
  /** Host and port of the gateway. */
  readonly gateway: string;
} & (
  | { readonly explained: ExplainResponse }
  /** Why there is no answer and what to do, in a sentence. */
  | { readonly fault: string }
);

/** Asks the gateways of `GATEWAY_INVALIDATE_URLS` what would happen to a request of a key. */
@Injectable()
export class GatewayExplanations {
  constructor(private readonly gateways: GatewayCalls) {}

  /** @returns an entry for each of `GATEWAY_INVALIDATE_URLS`, none where that is not set */
  of(question: ExplainKeyRequest): Promise<GatewayExplanation[]> {
    return Promise.all(this.gateways.urls.map((url) => this.ask(url, question)));
  }

  private async ask(url: string, question: ExplainKeyRequest): Promise<GatewayExplanation> {
    const gateway = new URL(url).host;
    const answer = await this.gateways.ask(url, ROUTE_KEY_EXPLAIN, { timeoutMs: TIMEOUT_MS, body: question });
    if (answer.fault !== null)
      return {
        gateway,
        fault: `There is no answer: ${answer.fault}. Check GATEWAY_INVALIDATE_URLS of the key service, and that the gateway is up.`,
      };
    return isExplanation(answer.status, answer.json)
      ? { gateway, explained: answer.json }
      : { gateway, fault: faultOf(answer.status, answer.json) };
  }
}

function isExplanation(status: number, json: unknown): json is ExplainResponse {
  return (
    status === 200 && isObject(json) && (json['decision'] === 'allowed' || json['decision'] === 'refused')
  );
}

function faultOf(status: number, json: unknown): string {
  const message = isObject(json) && typeof json['message'] === 'string' ? json['message'] : undefined;
  if (status === 400 && message !== undefined) return message;
  if (status === 401)
    return 'It does not take the admin token of the key service: give both the same GATEWAY_ADMIN_TOKEN.';
  if (status === 404)
    return 'It does not know the question: it is older than the key service, or has no GATEWAY_ADMIN_TOKEN. Upgrade it, or set one.';
  return `It answered ${status}. Its log says why.`;
}
