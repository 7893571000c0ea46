import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tempDir, type TempDir } from '../../test/support/lib/temp-dir.ts';
import { stage } from './stage.ts';

describe('the copy of the pages that the site is built from', () => {
  let dir: TempDir;
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir.path, path)), { recursive: true });
    writeFileSync(join(dir.path, path), text);
  };
  const staged = (page: string): string => readFileSync(join(dir.path, 'out', page), 'utf8');

  beforeEach(async () => {
    dir = await tempDir('stage');
    cpSync(join(import.meta.dirname, 'slug.ts'), join(dir.path, 'scripts/docs-site/slug.ts'));
    for (const page of [
      'SECURITY',
      'CHANGELOG',
      'UPGRADING',
      'CONTRIBUTING',
      'bench/README',
      'examples/README',
    ])
      write(`${page}.md`, `# ${page}\n`);
    write('examples/compose/README.md', '# Compose\n');
    write('examples/nginx/README.md', '# nginx\n');
    write('docs/decisions/0001-first.md', '# 1. First\n');
    write('docs/images/a.png', 'png');
    write('docs/site/vitepress/config.mjs', '');
    write('docs/site/shelves.json', '[{"shelf": "Tutorials", "pages": ["docs/a.md", "docs/decisions"]}]');
    write('docker/a.json', '{}');
  });
  afterEach(() => dir.remove());

  it('has links as the site has them, and carries along the files that they lead to', () => {
    write(
      'docs/a.md',
      '# A\n[s](../SECURITY.md#x) [d](decisions/) [b](decisions/0001-first.md) [f](../docker/a.json) ![p](images/a.png)\n' +
        '[r](../README.md) [e](../docker/) [o](https://mlflow.org) [i](#a)\n```\n[code](no.md)\n```\n',
    );
    stage(dir.path, join(dir.path, 'out'));
    expect(staged('a.md')).toBe(
      '# A\n[s](/security-policy#x) [d](/decisions/) [b](/decisions/0001-first) [f](/files/docker/a.json) ![p](/images/a.png)\n' +
        '[r](/) [e](/folders/docker) [o](https://mlflow.org) [i](#a)\n```\n[code](no.md)\n```\n',
    );
    expect(existsSync(join(dir.path, 'out/public/files/docker/a.json'))).toBe(true);
    expect(staged('folders/docker.md')).toContain('- [a.json](/files/docker/a.json)');
    expect(staged('decisions/index.md')).toContain('[1. First](/decisions/0001-first)');
    expect(JSON.parse(staged('.vitepress/sidebar.json'))).toMatchObject([
      { text: 'Tutorials', items: [{ text: 'A', link: '/a' }, { link: '/decisions/' }] },
    ]);
  });

  it.each(['b.md', '../engine/', 'images/b.png', 'decisions/0002.md'])(
    'is refused where a page links to %s, which is not there',
    (link) => {
      write('docs/a.md', `# A\n[b](${link})\n`);
      expect(() => stage(dir.path, join(dir.path, 'out'))).toThrow(
        `docs/a.md: the link ${link} leads to no page`,
      );
    },
  );

  it('has a sidebar in which a group of a shelf is a heading over its pages', () => {
    write('docs/a.md', '# A\n');
    write(
      'docs/site/shelves.json',
      '[{"shelf": "How-to guides", "pages": [{"group": "Install", "pages": ["docs/a.md"]}, "docs/decisions"]}]',
    );
    stage(dir.path, join(dir.path, 'out'));
    expect(JSON.parse(staged('.vitepress/sidebar.json'))).toMatchObject([
      {
        text: 'How-to guides',
        items: [{ text: 'Install', items: [{ text: 'A', link: '/a' }] }, { text: 'Decisions' }],
      },
    ]);
  });

  it.each(['"docs/b.md"', '{"group": "Install", "pages": ["docs/b.md"]}'])(
    'is refused where a shelf has %s, and there is no such page',
    (entry) => {
      write('docs/a.md', '# A\n');
      write('docs/site/shelves.json', `[{"shelf": "Tutorials", "pages": [${entry}]}]`);
      expect(() => stage(dir.path, join(dir.path, 'out'))).toThrow('there is no page docs/b.md');
    },
  );
});
