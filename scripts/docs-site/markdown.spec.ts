import { codeBlocks, headingsOf, linksOf, mapLinks } from './markdown.ts';

const PAGE = `# A page: of \`code\`

See [one](one.md#part), \`[not](this.md)\` and [\`code\`](two.md).

<!-- run: stack -->

\`\`\`bash
# [no](link.md)
echo "a"
\`\`\`

1. A list:

   \`\`\`ts
   const a = 1;
   \`\`\`

## Part
## Part
`;

describe('reading a page', () => {
  it('finds its links, and none in code', () => expect(linksOf(PAGE)).toEqual(['one.md#part', 'two.md']));

  it('gives headings the anchors of GitHub, also where two are alike', () =>
    expect(headingsOf(PAGE).map(({ anchor }) => anchor)).toEqual(['a-page-of-code', 'part', 'part-1']));

  it('finds blocks with the comments right above them', () =>
    expect(codeBlocks(PAGE)).toEqual([
      { language: 'bash', code: '# [no](link.md)\necho "a"\n', line: 7, marks: ['run: stack'] },
      { language: 'ts', code: 'const a = 1;\n', line: 14, marks: [] },
    ]));

  it('changes the targets of links and pictures alone', () =>
    expect(mapLinks('a [b](c.md) ![d](e.png) `[f](g)`', (target) => `/${target}`)).toBe(
      'a [b](/c.md) ![d](/e.png) `[f](g)`',
    ));
});
