import { mapProse } from '../docs-site/markdown.ts';

/**
 * A page of the project as the README of a package: links to files that the package does not hold become plain words, and
 * comments for the tests of examples go.
 */
export function packageReadme(markdown: string): string {
  return mapProse(markdown, (line) =>
    /^<!-- (?:run|run by|not run|shows): .* -->$/.test(line)
      ? ''
      : line.replace(/!?\[([^\]]*)\]\((?![a-z]+:|#)[^()\s]*\)/g, '$1'),
  ).replace(/\n{3,}/g, '\n\n');
}
