import type { Grants } from './grants.js';
import type { ScopeFamily, ScopeLevel } from './scopes.js';

/** Answer of `GET /whoami`: what the gateway knows of the key that asks. The key itself is never in it. */
export interface WhoamiResponse {
  /** Null where the auth service did not say; so are the next three. */
  readonly key_id: string | null;
  readonly user_id: string | null;
  readonly service_id: string | null;
  readonly environment: string | null;
  /** Where in the request the key was found, such as `bearer` or `x-api-key`. */
  readonly credential: string;
  /** As the gateway understands them; where the auth service names none, the ones that count then. */
  readonly scopes: readonly string[];
  /** Scopes of the key that this gateway does not know: they open nothing. */
  readonly unknown_scopes: readonly string[];
  /** What the scopes come to, by family; null is nothing. */
  readonly levels: Readonly<Record<ScopeFamily, ScopeLevel | null>>;
  /** Calls of models through MLflow's AI gateway. */
  readonly may_invoke: boolean;
  /** What the scope `admin` is for. */
  readonly is_admin: boolean;
  /** Calls of MLflow's that no scope is for, such as those of a newer version. */
  readonly may_use_unknown_routes: boolean;
  /** Null: the scopes alone decide. */
  readonly grants: Grants | null;
  readonly limits: readonly KeyLimit[];
  /** RFC 3339; null never expires. */
  readonly expires_at: string | null;
  /** Addresses and CIDR blocks; null is any. */
  readonly allowed_ips: readonly string[] | null;
  /** The address that the gateway saw the request come from. */
  readonly client_ip: string;
  /** How the gateway knew the key: `fresh` in memory, `shared` from Redis, `stale` while fetched again, `miss`, … */
  readonly cache: string | null;
}

/** One limit of a key. */
export interface KeyLimit {
  /** As `RateLimit-Policy` names it. */
  readonly name: string;
  /** Which requests count in it. */
  readonly counts: 'all' | 'searches' | 'writes';
  /** Requests a window. */
  readonly limit: number;
  readonly window_seconds: number;
  /** Requests left, this one counted; null in a limit that this request does not count in. */
  readonly remaining: number | null;
  /** Until `remaining` grows; null as above. */
  readonly reset_seconds: number | null;
}
