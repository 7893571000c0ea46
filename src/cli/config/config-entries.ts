/** Members of a profile; the file may hold others, which are kept. */
export const PROFILE_KEYS = ['api_key', 'admin_token', 'auth_service_url', 'tracking_uri'] as const;
export type ProfileKey = (typeof PROFILE_KEYS)[number];

export const DEFAULT_PROFILE = 'default';

const COMMENT = /^\s*([;#]|$)/;
const SECTION = /^\[([^\]]*)\]\s*$/;
const ENTRY = /^\s*["']?([^="']*?)["']?\s*=(.*)$/;
/** Without digits: what stands before a "=" may be a secret as well. */
const PLAIN_NAME = /^[A-Za-z_-]{1,24}$/;

/**
 * The entries of one profile that mean nothing here, such as `"api_kee" in line 2`: for a person who asks why a key
 * is not found. A line without "=" is told by its number alone, since it may be the secret itself.
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
