/** Bounds of a key's fields, for requests, for their description and for imported keys. */

/** Characters. */
export const MAX_NAME = 200;
/** Characters. */
export const MAX_USER_ID = 255;
/** Characters of a description, and of the reason of a revocation. */
export const MAX_DESCRIPTION = 500;
/** Entries of `allowed_ips`. */
export const MAX_ADDRESSES = 100;
/** Requests of any kind in any window. */
export const MAX_LIMIT = 1_000_000_000;
export const MAX_EXPIRY_DAYS = 3650;
export const SERVICE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
export const SERVICE_ID_WORDS = 'must be 1 to 100 letters, digits, dots, dashes or underscores';
