/** Rules that can be told to say only what they would refuse. */
export const SHADOW_RULES = ['unknown-route', 'parser', 'grants', 'ssrf'] as const;
export type ShadowRule = (typeof SHADOW_RULES)[number];

/** Name of the line in the gateway's log for each request that such a rule would have refused. */
export const SHADOW_EVENT = 'access_would_refuse';

/** What such a line holds, besides what every line does. */
export interface ShadowLine {
  readonly event: typeof SHADOW_EVENT;
  readonly time: string;
  readonly key_id: string | null;
  readonly rule: ShadowRule;
  /** Name in the error catalogue. */
  readonly problem: string;
  readonly status: number;
  /** Method and name of the endpoint, without ids. */
  readonly endpoint: string;
  /** As the client would have got it. */
  readonly message: string;
}
