/** Bounds of fields that several parts have. */

/** Characters of a description, and of the reason of a revocation. */
export const MAX_DESCRIPTION = 500;
export const SERVICE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
export const SERVICE_ID_WORDS = 'must be 1 to 100 letters, digits, dots, dashes or underscores';
