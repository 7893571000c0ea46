const V4_PART = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const V4_TEXT = `${V4_PART}(?:\\.${V4_PART}){3}`;
const V4 = new RegExp(`^${V4_TEXT}$`);
const V4_AT_END = new RegExp(`:${V4_TEXT}$`);
const V6_GROUP = /^[\dA-Fa-f]{1,4}$/;
const V6_GROUPS = 8;

/** 4 or 6 for the text of an address without a zone, else 0. As `isIP` of `node:net`, in every runtime. */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (V4.test(text)) return 4;
  return isV6(text) ? 6 : 0;
}

/** RFC 4291, section 2.2: eight groups, one run of which may be left out; an IPv4 address may stand for the last two. */
function isV6(text: string): boolean {
  const halves = text.replace(V4_AT_END, ':0:0').split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => V6_GROUP.test(group))) return false;
  return halves.length === 1 ? groups.length === V6_GROUPS : halves.length === 2 && groups.length < V6_GROUPS;
}
