/** Bounds of a key's fields, for requests, for their description and for imported keys. */

export { MAX_DESCRIPTION, SERVICE_ID, SERVICE_ID_WORDS } from '../request-fields/shared-bounds.js';

/** Characters. */
export const MAX_NAME = 200;
/** Characters. */
export const MAX_USER_ID = 255;
/** Entries of `allowed_ips`. */
export const MAX_ADDRESSES = 100;
/** Requests of any kind in any window. */
export const MAX_LIMIT = 1_000_000_000;
export const MAX_EXPIRY_DAYS = 3650;
