/** Bounds of what is reported of a use, for its fields and for their description. */

/** Characters. */
export const MAX_ENDPOINT = 300;
/** What a column of 32 bits holds. */
export const MAX_RESPONSE_TIME_MS = 2_147_483_647;
/** Scopes, or one of the words for none. */
export const NEEDED_SCOPE = /^(?=.{1,100}$)[a-z]+(?::[a-z*]+)?(?: [a-z]+:[a-z*]+)*$/;
export const MAX_MORE_RESOURCES = 1_000_000;
/** Most different resources, and most different scopes, of one key per day; all further ones are counted together. */
export const MAX_RESOURCES_A_DAY = 256;
export const MAX_SCOPES_A_DAY = 64;
