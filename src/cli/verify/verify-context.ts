import type { HttpProbe, ProbeAnswer } from '../checks/http-probe.js';
import type { Environment } from '../io/cli-io.js';
import { MLFLOW_MOUNTS, type KeyResource, type StatedKeyFacts } from '../../sdk/index.js';

/** What the checks of `hokusai verify` share. */
export interface VerifyContext {
  readonly probe: HttpProbe;
  readonly env: Environment;
  readonly homeDirectory: string;
  /** As the MLflow client would have it, without a slash at the end. */
  readonly trackingUri: string;
  /** The gateway's own root: the tracking URI without its mount. */
  readonly gatewayUrl: string;
  readonly authServiceUrl: string;
  readonly serviceId: string;
  readonly apiKey: string;
  /** Looks the key up by its first characters; absent without an admin token. */
  readonly findKey: (() => Promise<KeyResource | undefined>) | undefined;
  /** The 95th percentile above which the gateway counts as too slow. */
  readonly maxLatencyMs: number;
  /** What earlier checks learned. */
  readonly notes: VerifyNotes;
}

export interface VerifyNotes {
  contracts?: ContractVerdicts;
  /** The answer to a search with the key as a Bearer token. */
  keyAnswer?: ProbeAnswer;
}

/** The verdict of the auth service under one contract, and its text. */
export type ContractVerdict =
  | { readonly kind: 'valid'; readonly seen: string; readonly facts: StatedKeyFacts }
  | {
      readonly kind: 'refused' | 'not-spoken' | 'forbidden' | 'wrong-address' | 'broken' | 'unreachable';
      readonly seen: string;
    };

export type Contract = 'header' | 'body';
export type ContractVerdicts = Readonly<Record<Contract, ContractVerdict>>;

export const SEARCH_PATH = '/api/2.0/mlflow/experiments/search?max_results=1';

/** The gateway's root for a tracking URI, the longer mount tried first; its origin where the URI has no known mount. */
export function gatewayUrlOf(trackingUri: string): string {
  const { origin, pathname } = new URL(trackingUri);
  const mount = MLFLOW_MOUNTS.find((path) => pathname.endsWith(path));
  return mount === undefined ? origin : origin + pathname.slice(0, -mount.length);
}

export function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` };
}
