import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SDK_API_FOLDER, sitePages } from '../../scripts/docs-site/pages.js';
import { pagesOnShelves, readShelves, stage } from '../../scripts/docs-site/stage.js';
import { documentedParts } from '../../scripts/docs/parts.js';
import {
  insertGenerated,
  renderConfiguration,
  renderEnvExample,
  renderErrors,
  renderScopes,
} from '../../scripts/docs/render.js';
import { renderChartSchema, renderChartValues } from '../../scripts/docs/render-chart.js';
import { renderCli } from '../../scripts/docs/render-cli.js';
import { renderOpenApi } from '../../scripts/docs/render-openapi.js';
import { parse } from 'yaml';
import { tempDir } from '../support/lib/temp-dir.js';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const load = async (path: string): Promise<Record<string, unknown>> =>
  (await import(`../../src/${path}.js`)) as Record<string, unknown>;

const markdownFiles = (): string[] => [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

describe('the documentation follows the code', () => {
  it('docs/errors.md lists the catalogue, all of it and nothing else', async () => {
    const { catalogue } = await documentedParts(load);
    const page = read('docs/errors.md');
    expect(insertGenerated(page, 'errors', renderErrors(catalogue))).toBe(page);
  });

  it('docs/configuration.md lists every variable with its default', async () => {
    const { groups } = await documentedParts(load);
    const page = read('docs/configuration.md');
    expect(insertGenerated(page, 'configuration', renderConfiguration(groups))).toBe(page);
  });

  it('docs/authorization.md lists every call with the scope that it needs', async () => {
    const { calls } = await documentedParts(load);
    const page = read('docs/authorization.md');
    expect(insertGenerated(page, 'scopes', renderScopes(calls))).toBe(page);
  });

  it('docs/http-api-gateway.md and docs/http-api-key-service.md are what the OpenAPI documents say', async () => {
    const { gatewayApi, keyServiceApi } = await documentedParts(load);
    const gateway = read('docs/http-api-gateway.md');
    expect(insertGenerated(gateway, 'gateway-api', renderOpenApi(gatewayApi))).toBe(gateway);
    const keyService = read('docs/http-api-key-service.md');
    expect(insertGenerated(keyService, 'key-service-api', renderOpenApi(keyServiceApi))).toBe(keyService);
  });

  it('docs/cli-reference.md lists every command and option of hokusai', async () => {
    const { cli } = await documentedParts(load);
    const page = read('docs/cli-reference.md');
    expect(insertGenerated(page, 'cli', renderCli(cli))).toBe(page);
  });

  it('.env.example lists every variable with its unit and default', async () => {
    const { groups } = await documentedParts(load);
    expect(read('.env.example')).toBe(renderEnvExample(groups));
  });

  it('the chart’s schema knows every variable of both programs, and docs/deploy-kubernetes.md every value', async () => {
    const { groups } = await documentedParts(load);
    const schema = read('deploy/helm/mlflow-gateway/values.schema.json');
    expect(renderChartSchema(schema, groups)).toBe(schema);
    const page = read('docs/deploy-kubernetes.md');
    const values: unknown = parse(read('deploy/helm/mlflow-gateway/values.yaml'));
    expect(insertGenerated(page, 'chart-values', renderChartValues(schema, values))).toBe(page);
  });

  it('the site can be made of all pages, each on one shelf of docs/site/shelves.json', async () => {
    const { path, remove } = await tempDir('stage');
    stage(ROOT, path);
    await remove();
    const listed = pagesOnShelves(readShelves(ROOT));
    const wanted = [...sitePages(ROOT).keys()].filter((page) => !page.startsWith('docs/decisions/'));
    expect(listed.toSorted()).toEqual([...wanted, 'docs/decisions', SDK_API_FOLDER].sort());
    expect(readShelves(ROOT).map(({ shelf }) => shelf)).toEqual([
      'Tutorials',
      'How-to guides',
      'Reference',
      'Explanation',
    ]);
  });

  it('a shelf with many pages has groups, so that a reader finds a page by its question', () => {
    const long = readShelves(ROOT).flatMap(({ shelf, pages }) => [
      { heading: shelf, entries: pages.length },
      ...pages.flatMap((one) =>
        typeof one === 'string' ? [] : [{ heading: one.group, entries: one.pages.length }],
      ),
    ]);
    expect(long.filter(({ entries }) => entries > 14)).toEqual([]);
  });

  it.each(markdownFiles())('every link to a file in %s leads somewhere', (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      (m) => m[1] as string,
    );
    const dead = links.filter((link) => !existsSync(join(ROOT, dirname(file), link)));
    expect(dead).toEqual([]);
  });

  it.each(markdownFiles())('every npm script named in %s exists', (file) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(file).matchAll(/\bnpm run ([a-z][a-z0-9:-]*)/g)].map((m) => m[1] as string);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
