import { Agent } from 'node:http';
import { MOUNT } from '../../peers/peer.ts';
import { exchange, type Ended } from '../exchange.ts';
import type { Victim } from './attack-stage.ts';
import type { Sample } from './phases.ts';

/** Which user the upstream takes the client for. */
const WHO_AM_I = `${MOUNT}/api/2.0/mlflow/experiments/get?experiment_id=0&whoami=1`;
const DEADLINE_MS = 30_000;
const agent = new Agent({ keepAlive: true });

export interface Question {
  readonly gatewayUrl: string;
  readonly key: string;
  /** Where the client says it is. */
  readonly address: string;
}

export function ask({ gatewayUrl, key, address }: Question): Promise<Ended> {
  return exchange({
    url: gatewayUrl + WHO_AM_I,
    method: 'GET',
    agent,
    headers: { authorization: `Bearer ${key}`, 'x-forwarded-for': address },
    deadlineMs: DEADLINE_MS,
  });
}

/** A victim asks once: it must be served, and as the user that it is. */
export async function served(gatewayUrl: string, victim: Victim, address: string): Promise<Sample> {
  const startMs = performance.now();
  const ended = await ask({ gatewayUrl, key: victim.api_key, address });
  const tookMs = performance.now() - startMs;
  const fault = faultOf(ended, victim.user);
  return fault === undefined ? { tookMs } : { tookMs, fault };
}

/** What is wrong with an answer to a key of that user. */
export function faultOf({ how, status, body, error }: Ended, user: string): string | undefined {
  if (how !== 'complete') return `${how}: ${error ?? ''}`;
  if (status !== 200) return `${status}: ${body.slice(0, 200)}`;
  return body === user ? undefined : `${user} was taken for ${JSON.stringify(body.slice(0, 100))}`;
}

/** Addresses of the benchmarking network (RFC 2544), a /24 for each of 512. */
export const addressOf = (n: number): string => `198.${18 + ((n >> 8) & 1)}.${n & 255}.7`;
