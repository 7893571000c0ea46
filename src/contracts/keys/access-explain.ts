import type { Grants } from '../access/grants.js';
import type { StatedKeyFacts } from './key-facts.js';
import type { ScopeFamily, ScopeLevel } from '../access/scopes.js';

/** Answer of `GET /whoami`: what the gateway knows of the key that asks. The key itself is never in it. */
export interface WhoamiResponse {
  /** Null if the auth service did not name it; the same holds for the next three. */
  readonly key_id: string | null;
  readonly user_id: string | null;
  readonly service_id: string | null;
  readonly environment: string | null;
  /** Where in the request the key was found, such as `bearer` or `x-api-key`. */
  readonly credential: string;
  /** As the gateway uses them; if the auth service names none, the default ones. */
  readonly scopes: readonly string[];
  /** Scopes of the key that this gateway does not know: they open nothing. */
  readonly unknown_scopes: readonly string[];
  /** What the scopes allow, by family; null is nothing. */
  readonly levels: Readonly<Record<ScopeFamily, ScopeLevel | null>>;
  /** Calls of models through MLflow's AI gateway. */
  readonly may_invoke: boolean;
  /** What the scope `admin` is for. */
  readonly is_admin: boolean;
  /** Calls of MLflow that need no known scope, such as those of a newer version. */
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

/** Body of `POST /explain`: a request that is not sent. */
export interface ExplainRequest {
  /** Such as `GET`. */
  readonly method: string;
  /** As in the request line, with or without its query, and with or without the mount of MLflow. */
  readonly path: string;
  /** The query where `path` has none, without its `?`. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a string as it is. */
  readonly body?: unknown;
  /**
   * Replaces the rights of the caller's key: only for keys with the scope `admin`, to explain another key or one that
   * does not exist yet.
   */
  readonly as?: ExplainedKey;
}

export interface ExplainedKey {
  /** Null: as for a key for which the auth service names none. */
  readonly scopes: readonly string[] | null;
  /** Null: the scopes alone decide. */
  readonly grants: Grants | null;
}

/**
 * Body of `POST /internal/keys/explain`: a request of a key, with the facts that the key service has of the key. The
 * request is not sent.
 */
export interface ExplainKeyRequest extends Omit<ExplainRequest, 'as'> {
  readonly key: StatedKeyFacts;
  /** Address that the request would come from; without it, the addresses of the key are not checked. */
  readonly client_ip?: string;
}

/** Answer of `POST /explain` and `POST /internal/keys/explain`. */
export interface ExplainResponse {
  readonly decision: 'allowed' | 'refused';
  /** Why it would be refused; null where it would not. */
  readonly refusal: {
    readonly status: number;
    /** Name in the error catalogue. */
    readonly problem: string;
    readonly message: string;
  } | null;
  /** The call of MLflow's that the request is; null for one that no known version has. */
  readonly route: {
    readonly method: string;
    readonly template: string;
    readonly name: string;
    readonly family: string;
    readonly action: string;
  } | null;
  /** One, or several separated by blanks that are all needed; null where no scope is for the call. */
  readonly needed_scope: string | null;
  /**
   * Scopes of the key of which each allows the call by itself. If only all of its scopes together allow it, all of
   * them; none if they do not.
   */
  readonly opened_by: readonly string[];
  /** The resources that the request names, as far as grants decide about them; empty without grants. */
  readonly findings: readonly ExplainedFinding[];
  /** What happens to it: MLflow gets it unchanged or restricted to what is granted, or the gateway answers. Null if it is refused. */
  readonly forwarded: 'unchanged' | 'restricted' | 'answered_by_gateway' | null;
  /** Limits that it would count in. */
  readonly limits: readonly KeyLimit[];
}

export interface ExplainedFinding {
  readonly kind: string;
  readonly id: string;
  /** Place and path of members, such as `body metrics[3].model_id`. */
  readonly at: string;
  readonly level: string;
  /** The owners that decide about it. Empty if no grant allows it, unless the key that asks has the scope `admin`. */
  readonly owners: readonly {
    readonly kind: string;
    readonly id: string | null;
    readonly name: string | null;
  }[];
  /** Whether the request itself names the owner, the gateway had it cached, or looked it up in MLflow now. */
  readonly how: 'named' | 'cached' | 'looked_up';
  readonly grant: {
    readonly kind: string;
    readonly by: 'id' | 'name';
    readonly value: string;
    readonly level: string;
  } | null;
}
