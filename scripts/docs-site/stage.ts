import { cpSync, existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { mapLinks, mapProse, titleOf } from './markdown.ts';
import { SDK_API_FOLDER, siteAddress, sitePages } from './pages.ts';

/** A part of the sidebar: pages of one kind, in the order in which one would read them. */
export interface Shelf {
  readonly shelf: string;
  readonly pages: readonly (string | PageGroup)[];
}

/** Pages of a shelf that answer one kind of question, under a heading of their own. */
export interface PageGroup {
  readonly group: string;
  readonly pages: readonly string[];
}

export function readShelves(root: string): Shelf[] {
  return JSON.parse(readFileSync(join(root, 'docs/site/shelves.json'), 'utf8')) as Shelf[];
}

/** @returns every page of the shelves, also those in groups, in the order of the sidebar */
export function pagesOnShelves(shelves: readonly Shelf[]): string[] {
  return shelves.flatMap(({ pages }) =>
    pages.flatMap((one) => (typeof one === 'string' ? [one] : one.pages)),
  );
}

/**
 * Copies every page into a folder that VitePress can build, with links between pages as the site has them. Files that
 * pages link to are copied along, so that no link leads out of the site.
 * @throws Error naming the page and the link where one leads nowhere
 */
export function stage(root: string, target: string): void {
  const pages = sitePages(root);
  const copy = (from: string, to: string): void => {
    mkdirSync(dirname(join(target, to)), { recursive: true });
    cpSync(join(root, from), join(target, to), { recursive: true });
  };
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), text);
  };
  const files = new LinkedFiles(root, copy, write);

  for (const [source, place] of pages) {
    const markdown = readFileSync(join(root, source), 'utf8');
    const change = (link: string): string => siteLink(source, link, pages, files);
    write(
      place,
      mapProse(markdown, (line) => mapLinks(line, change)),
    );
  }
  write('decisions/index.md', decisionIndex(root, pages));
  // Without one the project's own would be read, whose compiler is newer.
  write('tsconfig.json', '{}');
  copy('docs/images', 'images');
  copy('docs/site/vitepress', '.vitepress');
  copy('scripts/docs-site/slug.ts', '.vitepress/slug.ts');
  write('.vitepress/sidebar.json', JSON.stringify(sidebar(root, pages)));
}

/** What pages link to that is no page: carried along, so that the link stays in the site. */
class LinkedFiles {
  private readonly root: string;
  private readonly copy: (from: string, to: string) => void;
  private readonly write: (path: string, text: string) => void;

  constructor(
    root: string,
    copy: (from: string, to: string) => void,
    write: (path: string, text: string) => void,
  ) {
    this.root = root;
    this.copy = copy;
    this.write = write;
  }

  /** @returns the address of a file, or of a page that lists a folder; undefined where there is neither */
  addressOf(path: string): string | undefined {
    if (!existsSync(join(this.root, path))) return undefined;
    if (statSync(join(this.root, path)).isDirectory()) return this.folder(path.replace(/\/$/, ''));
    if (path.startsWith('docs/images/')) return `/images/${posix.basename(path)}`;
    this.copy(path, `public/files/${path}`);
    return `/files/${path}`;
  }

  private folder(path: string): string {
    const names = globSync(`${path}/**/*`, { cwd: this.root, exclude: (name) => name === 'node_modules' })
      .filter((name) => statSync(join(this.root, name)).isFile())
      .sort();
    const lines = names.map((name) => `- [${posix.relative(path, name)}](${this.addressOf(name)})`);
    this.write(`folders/${path}.md`, `# Files in ${path}\n\n${lines.join('\n')}\n`);
    return `/folders/${path}`;
  }
}

/**
 * @returns the site's form of a link in a page of the repository
 * @throws Error where it leads nowhere
 */
function siteLink(
  source: string,
  link: string,
  pages: ReadonlyMap<string, string>,
  files: LinkedFiles,
): string {
  if (/^(?:[a-z]+:|#|\/)/.test(link)) return link;
  const [path = '', anchor] = link.split('#', 2);
  const wanted = posix.normalize(posix.join(posix.dirname(source), path));
  const address = siteAddress(wanted, pages) ?? files.addressOf(wanted);
  if (address === undefined) throw new Error(`${source}: the link ${link} leads to no page and no file`);
  return anchor === undefined ? address : `${address}#${anchor}`;
}

function decisionIndex(root: string, pages: ReadonlyMap<string, string>): string {
  const records = [...pages.keys()].filter((path) => path.startsWith('docs/decisions/')).sort();
  const lines = records.map((path) => {
    const title = titleOf(readFileSync(join(root, path), 'utf8')) ?? path;
    return `- [${title}](${siteAddress(path, pages)})`;
  });
  const head = 'For those who change the project: why it is as it is, one decision a page.';
  return `# Decisions\n\n${head}\n\n${lines.join('\n')}\n`;
}

interface SidebarPage {
  text: string;
  link: string;
}

interface SidebarGroup {
  text: string;
  collapsed: boolean;
  items: (SidebarPage | SidebarGroup)[];
}

function sidebar(root: string, pages: ReadonlyMap<string, string>): SidebarGroup[] {
  const item = (entry: string | PageGroup): SidebarPage | SidebarGroup =>
    typeof entry === 'string'
      ? sidebarPage(root, entry, pages)
      : { text: entry.group, collapsed: false, items: entry.pages.map(item) };
  return readShelves(root).map(({ shelf, pages: listed }) => ({
    text: shelf,
    collapsed: false,
    items: listed.map(item),
  }));
}

/** @throws Error if there is no such page */
function sidebarPage(root: string, path: string, pages: ReadonlyMap<string, string>): SidebarPage {
  if (path === SDK_API_FOLDER) return { text: 'SDK API', link: `/${SDK_API_FOLDER}/` };
  const link = siteAddress(path, pages);
  if (link === undefined) throw new Error(`docs/site/shelves.json: there is no page ${path}`);
  const isFolder = !path.endsWith('.md');
  const title = isFolder ? 'Decisions' : titleOf(readFileSync(join(root, path), 'utf8'));
  return { text: title ?? path, link };
}
