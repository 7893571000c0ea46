/** Members of a profile; the file may hold others, which are kept. */
export const PROFILE_KEYS = ['api_key', 'admin_token', 'auth_service_url', 'tracking_uri'] as const;
export type ProfileKey = (typeof PROFILE_KEYS)[number];

export const DEFAULT_PROFILE = 'default';

const COMMENT = /^\s*([;#]|$)/;
const SECTION = /^\[([^\]]*)\]\s*$/;
const ENTRY = /^\s*["']?([^="']*?)["']?\s*=(.*)$/;
/** Without digits, because the text before a "=" may also be a secret. */
const PLAIN_NAME = /^[A-Za-z_-]{1,24}$/;

/**
 * The unknown entries of one profile, such as `"api_kee" in line 2`, to explain why a key is not found. For a line
 * without "=" only its number is given, since it may be the secret itself.
 */
export function entriesNotUnderstood(text: string, profile: string): string[] {
  let section = DEFAULT_PROFILE;
  return text.split(/\r\n|\n|\r/).flatMap((line, index) => {
    if (COMMENT.test(line)) return [];
    const header = SECTION.exec(line)?.[1];
    if (header !== undefined) section = header;
    if (header !== undefined || section !== profile) return [];
    const [, name = '', value = ''] = ENTRY.exec(line) ?? [];
    if ((PROFILE_KEYS as readonly string[]).includes(name)) return [];
    const showable = PLAIN_NAME.test(name) && /^[^=]*[^=\s]/.test(value);
    return [showable ? `"${name}" in line ${index + 1}` : `line ${index + 1}`];
  });
}
