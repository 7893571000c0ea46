import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Command } from 'commander';
import { headingsOf, linksOf, proseOf } from '../../scripts/docs-site/markdown.js';
import { CommandRunner } from '../../src/cli/command-context.js';
import { buildProgram } from '../../src/cli/program.js';
import { ERROR_CATALOGUE } from '../../src/contracts/errors/error-codes.js';
import { OPERATIONS as GATEWAY_OPERATIONS } from '../../src/gateway/openapi/operations.js';
import { OPERATIONS as KEY_SERVICE_OPERATIONS } from '../../src/key-service/openapi/operations.js';
import { docsPages, readPage, ROOT } from '../support/docs/docs-blocks.js';
import { codeOf, currentPages, wordsOfTheCode } from '../support/docs/docs-words.js';
import { cliIo } from '../support/programs/hokusai.js';

const code = currentPages().flatMap(codeOf);
/** Pages whose numbers are not measured or rendered. */
const handWritten = currentPages().filter((page) => !/^bench\/|\/http-api-/.test(page));
/** Settings of MLflow and its client, from the version that the tests run on. */
const MLFLOW_VARIABLES = new Set(
  globSync('.cache/mlflow-venv/lib/python3*/site-packages/mlflow/environment_variables.py', {
    cwd: ROOT,
  }).flatMap((file) => readFileSync(join(ROOT, file), 'utf8').match(/\bMLFLOW_[A-Z0-9_]+/g) ?? []),
);

/**
 * The other way round, that everything there is stands on a page, is seen to by generated pages: variables, errors, routes,
 * commands and options (docs.spec.ts), metrics and events (operations.spec.ts).
 */
describe('what a page names exists', () => {
  it.each(docsPages())('every anchor that %s links to', (page) => {
    const dead = linksOf(readPage(page)).filter((link) => {
      const [path = '', anchor] = link.split('#', 2);
      if (anchor === undefined || /^[a-z]+:/.test(link)) return false;
      const target = path === '' ? page : posix.join(dirname(page), path);
      return target.endsWith('.md') && !headingsOf(readPage(target)).some((one) => one.anchor === anchor);
    });
    expect(dead).toEqual([]);
  });

  it('every placeholder stands in code: Markdown would take it for HTML and leave it out', () => {
    const lost = docsPages().flatMap((page) =>
      [
        ...proseOf(readPage(page))
          .replace(/`[^`]*`/g, '')
          .matchAll(/(?<!\\)<(?!https?:|\/?(?:br|sup)\b)\/?[A-Za-z][^>\n]*>?/g),
      ].map(([text]) => `${page}: ${text}`),
    );
    expect(lost).toEqual([]);
  });

  it('every command of hokusai, with its options', () => {
    const io = cliIo();
    const program = buildProgram(io, new CommandRunner(io));
    const lines = code.flatMap(({ page, code: text }) =>
      text
        .replace(/\\\n/g, ' ')
        .split('\n')
        .flatMap((line) =>
          [...line.matchAll(/(?:^|[\s(])hokusai((?: [^\s|;)&#]+)+)/g)].map(([, words = '']) => [
            page,
            words.trim(),
          ]),
        ),
    );
    expect(lines.length).toBeGreaterThan(60);
    expect(
      lines.flatMap(([page, words = '']) =>
        unknownOf(program, words).map((what) => `${page}: hokusai ${words}: ${what}`),
      ),
    ).toEqual([]);
  });

  it('every route', () => {
    const operations = [...GATEWAY_OPERATIONS, ...KEY_SERVICE_OPERATIONS];
    const described = operations.map(({ method, path }) => ({
      method,
      pattern: new RegExp(
        `^${path.replace(/\{(?:mlflow_path|rest|original_path)\}/, '.+').replace(/\{\w+\}/g, '[^/]+')}$`,
      ),
    }));
    const named = code.flatMap(({ page, code: text, isBlock }) =>
      isBlock
        ? []
        : [
            ...text.matchAll(/^(GET|POST|PUT|PATCH|DELETE) (?:\{HOKUSAI_AUTH_SERVICE_URL\})?(\/[^\s?]+)/g),
          ].map(([, method = '', path = '']) => ({ page, method, path })),
    );
    expect(named.length).toBeGreaterThan(20);
    const unknown = named.filter(({ method, path }) => {
      const full = /^\/(?:keys|usage|audit)\b/.test(path) ? `/api/v1${path}` : path;
      return !described.some((one) => one.method === method.toLowerCase() && one.pattern.test(full));
    });
    expect(unknown).toEqual([]);
  });

  it('every status that is an error', () => {
    const statuses = new Set<number>([
      ...Object.values(ERROR_CATALOGUE).map(({ status }) => status),
      ...OTHER_STATUSES,
      ...OTHER_NUMBERS,
    ]);
    const unknown = handWritten.flatMap((page) =>
      [
        ...proseOf(readPage(page)).matchAll(
          /(?:^|[\s(`|])([45]\d\d)(?=[\s,.;:)`|]|$)(?! ?(?:ms|s|MB|KiB|GB|requests|services|rows)\b)/gm,
        ),
      ]
        .filter(([, status]) => !statuses.has(Number(status)))
        .map(([text]) => `${page}: ${text.trim()}`),
    );
    expect(unknown).toEqual([]);
  });

  it('every file of the project', () => {
    const named = code.flatMap(({ page, code: text }) =>
      [
        ...text.matchAll(
          /(?<![\w/.-])(?:src|test|scripts|docs|docker|bench|examples|requirements)\/[\w./-]*\w/g,
        ),
      ].map(([path]) => ({ page, path })),
    );
    const dead = named.filter(
      ({ path }) =>
        !MADE_BY_READERS.test(path) &&
        !existsSync(join(ROOT, path)) &&
        !existsSync(join(ROOT, `${path}.spec.ts`)),
    );
    expect(dead).toEqual([]);
  });

  it('every variable, metric, event, field and error: it stands in the code, or in FOREIGN below as the name of another program', () => {
    const words = wordsOfTheCode();
    const named = code.flatMap(({ page, code: text, isBlock }) =>
      (isBlock
        ? [...text.matchAll(/(?<![\w$./-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w-])/g)]
        : [...text.matchAll(NAME)]
      ).map(([name]) => ({ page, name })),
    );
    expect(named.length).toBeGreaterThan(1000);
    const unknown = named.filter(
      // A secret may come from a file that the variable with this ending names.
      ({ name }) =>
        !words.has(name) &&
        !words.has(name.replace(/_FILE$/, '')) &&
        !FOREIGN.has(name) &&
        !MLFLOW_VARIABLES.has(name),
    );
    expect(unknown.map(({ page, name }) => `${page}: ${name}`)).toEqual([]);
  });

  it('no name is excused that no page has', () => {
    const text = currentPages().map(readPage).join('\n');
    expect([...FOREIGN].filter((name) => !text.includes(name))).toEqual([]);
  });
});

/** `snake_case`, `kebab-case` in a span of its own, and `UPPER_CASE`. */
const NAME =
  /(?<![\w$./:<@-])(?:[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|(?<=^)[a-z]+(?:-[a-z]+)+(?=$))(?![\w./-])/g;

/** Errors of others that pages explain, and 499, by which nginx and the metrics name a client that left. */
const OTHER_STATUSES: readonly number[] = [407, 422, 499];
/** Ports. */
const OTHER_NUMBERS: readonly number[] = [443];
/** What readers make when they follow the examples. */
const MADE_BY_READERS = /^docker\/(?:secrets(?:\/|$)|(?:compose\.override\.yml|bases\.env)$)/;

/** Names of other programs: MLflow and its clients, Python, Node, nginx, npm. */
const FOREIGN: ReadonlySet<string> = new Set([
  // MLflow, and clients of it
  'NO_PERMISSIONS',
  'mlflow_log_artifact',
  'MLFLOW_BIN',
  'MLFLOW_PYTHON_BIN',
  // OpenTelemetry's exporters
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  'validate_with_auth_service',
  // Prometheus, and its client for Node
  'histogram_quantile',
  'http_request_duration_seconds_bucket',
  'nodejs_eventloop_lag_seconds',
  // Envoy, PostgreSQL
  'ext_authz',
  'with_request_body',
  'pg_dump',
  // OpenTelemetry
  'OTEL_EXPORTER_OTLP_HEADERS',
  // AWS
  'CAPABILITY_IAM',
  // Variables of HTTP clients
  'HTTPS_PROXY',
  'https_proxy',
  'NO_PROXY',
  // OpenSSH
  'release-signers',
]);

/** What a command line has that hokusai does not. */
function unknownOf(program: Command, words: string): string[] {
  let command = program;
  const options = (): string[] =>
    [command, program].flatMap((one) => one.options.map(({ long }) => long ?? ''));
  const unknown: string[] = [];
  let isPath = true;
  for (const word of words.split(' ')) {
    if (word.startsWith('-')) {
      isPath = false;
      const [option = ''] = word.split('=');
      if (![...options(), '--help', '--version'].includes(option)) unknown.push(option);
    } else if (isPath) {
      const next = command.commands.find((one) => one.name() === word);
      if (next !== undefined) command = next;
      else {
        isPath = false;
        // A group must go on with one of its commands.
        if (command.commands.length > 0 && /^[a-z-]+$/.test(word)) unknown.push(word);
      }
    }
  }
  return unknown;
}
