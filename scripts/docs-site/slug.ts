/**
 * @param heading the text of a heading, without its marks
 * @returns its anchor as GitHub makes it, so that a link to it works there and on the site
 */
export function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');
}
