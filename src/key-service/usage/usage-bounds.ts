/** Bounds of what is reported of a use, for its fields and for their description. */

/** Characters. */
export const MAX_ENDPOINT = 300;
/** What a column of 32 bits holds. */
export const MAX_RESPONSE_TIME_MS = 2_147_483_647;
