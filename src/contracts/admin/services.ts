/** Services that keys may be for: `/api/v1/services`. */

export interface ServiceResource {
  service_id: string;
  /** For people. */
  description: string | null;
  /** RFC 3339. */
  created_at: string;
  /** Who registered it, as the audit log names them; `migration` where keys for it were there before. */
  created_by: string;
  /** Keys that are for it, also beside others. */
  keys: number;
  /** Of them, those that are neither revoked nor expired. */
  active_keys: number;
}

/** 200 of `GET /services`, by id. */
export interface ServicesResponse {
  services: ServiceResource[];
}

/** Body of `POST /services`. */
export interface RegisterServiceRequest {
  service_id: string;
  description?: string;
}

/** Registered at most. */
export const MAX_SERVICES = 1000;
