import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { headingsOf, proseOf, titleOf } from '../../scripts/docs-site/markdown.js';
import { docsPages, readPage, ROOT } from '../support/docs/docs-blocks.js';

/** Where the documentation answers what the documents that the project began with ask for: page, and heading as its anchor. */
const ENTRIES: readonly [document: string, entry: string, place: string][] = [
  ['API key tasks, 10', 'a. authentication guide', 'docs/mlflow-access.md#set-two-variables'],
  ['API key tasks, 10', 'a. authentication in full', 'docs/authentication.md#where-a-key-may-travel'],
  ['API key tasks, 10', 'b. security best practices', 'docs/api-key-security.md#in-short'],
  ['API key tasks, 8', 'd. secure key transmission guidelines', 'docs/api-key-security.md#send-it'],
  ['API key tasks, 10', 'c. code examples in Python', 'docs/client-examples.md#python'],
  [
    'API key tasks, 10',
    'c. code examples in JavaScript',
    'docs/client-examples.md#javascript-without-anything',
  ],
  ['API key tasks, 10', 'c. code examples with curl', 'docs/client-examples.md#curl'],
  ['API key tasks, 10', 'd. troubleshooting guide', 'docs/troubleshooting.md#401-invalid-or-expired-api-key'],
  ['API key tasks, 10', 'e. migration guide for existing users', 'docs/migrate-local-keys.md#what-changes'],
  ['API key tasks, 10', 'f. authentication in the README', 'README.md#use-it'],
  ['connection tasks, 5', 'e. limits of mock mode', 'docs/sdk.md#mock-mode'],
  ['connection tasks, 7', 'a. MLflow access, configuration guide', 'docs/mlflow-access.md#set-two-variables'],
  [
    'connection tasks, 7',
    'b. MLflow set-up for model registration',
    'docs/models.md#log-and-register-in-one-step',
  ],
  [
    'connection tasks, 7',
    'c. troubleshooting of MLflow errors',
    'docs/troubleshooting.md#502-mlflow-could-not-be-reached',
  ],
  [
    'connection tasks, 7',
    'd. API reference with the proxy’s endpoints',
    'docs/http-api-gateway.md#each-call',
  ],
  ['connection tasks, 7', 'e. reference of environment variables', 'docs/configuration.md#variables'],
  ['connection tasks, 10', 'a. review of all changes for accuracy', 'CONTRIBUTING.md#how-to-add'],
  ['connection tasks, 10', 'b. code examples work', 'CONTRIBUTING.md#how-to-add'],
  ['connection tasks, 10', 'c. names of variables are consistent', 'docs/configuration.md#variables'],
  ['connection tasks, 10', 'd. troubleshooting steps are clear', 'docs/troubleshooting.md#nothing-of-this'],
  ['connection tasks, 11', 'a. deployment configuration', 'docs/deploy-ecs.md#secrets'],
  ['connection tasks, 11', 'b. infrastructure changes', 'docs/deploy-ecs.md#addresses'],
  [
    'connection tasks, 11',
    'c. migration guide for existing users',
    'docs/migrate-local-keys.md#5-applications-that-use-keys',
  ],
  ['connection tasks, 11', 'd. release notes', 'docs/release-notes.md#100'],
  ['migration guide', 'what has changed', 'docs/migrate-local-keys.md#what-changes'],
  ['migration guide', '1. new credentials', 'docs/migrate-local-keys.md#2-import-the-old-keys'],
  [
    'migration guide',
    '2. environment variables',
    'docs/migrate-local-keys.md#3-set-what-key-administrators-need',
  ],
  [
    'migration guide',
    '3. CLI configuration',
    'docs/migrate-local-keys.md#3-set-what-key-administrators-need',
  ],
  ['migration guide', '4. create new keys', 'docs/migrate-local-keys.md#4-try-it'],
  ['migration guide', '5. update applications', 'docs/migrate-local-keys.md#5-applications-that-use-keys'],
  ['migration guide', '6. key management code', 'docs/migrate-local-keys.md#6-programs-that-manage-keys'],
  ['migration guide', 'breaking changes', 'CHANGELOG.md#breaking'],
  ['migration guide', 'troubleshooting', 'docs/migrate-local-keys.md#when-something-is-wrong'],
  ['migration guide', 'timeline', 'docs/versions.md#deprecation'],
  ['integration plan', 'environments', 'docs/cli.md#settings'],
  ['integration plan', 'migration path', 'docs/migrate-local-keys.md#7-switch-over'],
  ['deployment guide', 'environment variables', 'docs/configuration.md#variables'],
  ['deployment guide', 'infrastructure requirements', 'docs/deploy-ecs.md#addresses'],
  ['deployment guide', 'health checks', 'docs/operations.md#health'],
  ['deployment guide', 'Bearer test, client integration', 'docs/mlflow-access.md#check-it'],
  ['deployment guide', 'verification script', 'docs/cli.md#hokusai-verify'],
  ['deployment guide', 'metrics to watch', 'docs/operations.md#the-three-figures'],
  [
    'deployment guide',
    '404 on /api/mlflow',
    'docs/troubleshooting.md#404-on-apimlflow-or-endpoint_not_found',
  ],
  ['deployment guide', '401', 'docs/troubleshooting.md#401-api-key-required'],
  ['deployment guide', '502', 'docs/troubleshooting.md#502-mlflow-could-not-be-reached'],
  [
    'deployment guide',
    '403 from MLflow',
    'docs/troubleshooting.md#403-from-mlflow-or-502-mlflow-asks-the-gateway-for-a-sign-in-of-its-own',
  ],
  ['deployment guide', 'rollback plan', 'UPGRADING.md#in-general'],
  ['issue report', 'which contract the key travels by', 'docs/authentication.md#validation'],
  ['issue report', 'key refused although valid', 'docs/troubleshooting.md#401-invalid-or-expired-api-key'],
];

describe('the documentation', () => {
  it.each(ENTRIES)('answers "%s: %s" in %s', (_document, _entry, place) => {
    const [page = '', anchor] = place.split('#', 2);
    expect(existsSync(join(ROOT, page))).toBe(true);
    expect(headingsOf(readPage(page)).map((one) => one.anchor)).toContain(anchor);
  });

  const guides = docsPages().filter((page) => /^docs\/[\w-]+\.md$/.test(page));

  it.each(guides)('%s says first whom it is for and what they will have at the end', (page) => {
    const prose = proseOf(readPage(page)).split(/^## /m)[0] ?? '';
    const title = titleOf(readPage(page)) ?? '';
    expect([title, prose]).toEqual([
      title,
      expect.stringMatching(
        /\bFor (?:those|everybody|users|operators|key administrators|reviewers|maintainers|[a-z ]+ who)\b/,
      ),
    ]);
    expect(prose).toMatch(/[Aa]t the end|In one minute/);
  });

  it('every page is reached from the index or from another page', () => {
    const linked = new Set(
      [...docsPages()].flatMap((page) =>
        [...readPage(page).matchAll(/\]\(([^)#\s]+\.md)/g)].map(([, link = '']) =>
          posix.join(dirname(page), link),
        ),
      ),
    );
    const lost = docsPages().filter(
      (page) => page !== 'README.md' && !page.startsWith('docs/decisions/') && !linked.has(page),
    );
    expect(lost).toEqual([]);
  });
});
