import type { CatalogueEntry } from '../../src/contracts/errors/catalogue-entry.ts';

/**
 * The parts of the documentation that follow from the code: rendered here, written by `npm run docs`,
 * compared by `test/contract/docs.spec.ts`.
 */

/** What a config class says of one variable, with its default. */
export interface DocumentedVariable {
  name: string;
  kind: string;
  unit?: string | undefined;
  about: string;
  secret?: boolean | undefined;
  default: unknown;
}

export interface VariableGroup {
  title: string;
  variables: DocumentedVariable[];
}

export function renderErrors(catalogue: Record<string, CatalogueEntry>): string {
  const rows = Object.entries(catalogue).map(
    ([name, entry]) =>
      `| \`${name}\` | ${entry.status} | \`${entry.errorCode}\` | ${plainText(`${entry.detail}. ${entry.advice}`)} |`,
  );
  return ['| name | status | `error_code` | `message` |', '|---|---|---|---|', ...rows].join('\n');
}

export function renderConfiguration(groups: VariableGroup[]): string {
  return groups
    .map(({ title, variables }) =>
      [
        `### ${title}`,
        '',
        '| variable | default | meaning |',
        '|---|---|---|',
        ...variables.map(
          (v) => `| \`${v.name}\` | ${shownDefault(v)} | ${v.about}${unitWords(v)}${fileWords(v)} |`,
        ),
      ].join('\n'),
    )
    .join('\n\n');
}

export function renderEnvExample(groups: VariableGroup[]): string {
  const head = [
    '# Every variable of the gateway and the key service, with its unit and default.',
    '# A line without a value has no default; tokens have at least 16 characters, KEY_PEPPER 32.',
    '# A secret can come from a file instead: KEY_PEPPER_FILE=/run/secrets/key_pepper names the one of KEY_PEPPER.',
    '# Secrets are commented out, and so is what a later program shares with an earlier one: one file may serve both.',
  ];
  const seen = new Set<string>();
  const isShared = (name: string): boolean => seen.size === seen.add(name).size;
  const body = groups.flatMap(({ title, variables }) => [
    '',
    `# --- ${title} ---`,
    ...variables.flatMap((v) => [
      '',
      `# ${v.about}${unitWords(v)}.`,
      `${isShared(v.name) || v.secret ? '# ' : ''}${v.name}=${plainDefault(v)}`,
    ]),
  ]);
  return [...head, ...body, ''].join('\n');
}

export function renderScopes(calls: ReadonlyMap<string, ReadonlySet<string>>): string {
  const shown = (scope: string): string =>
    scope === 'mlflow:access'
      ? 'any'
      : scope
          .split(' ')
          .map((one) => `\`${one}\``)
          .join(' and ');
  const rows = [...calls]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([scope, names]) => `| ${shown(scope)} | ${[...names].sort().join(', ')} |`);
  return ['| scope | calls |', '|---|---|', ...rows].join('\n');
}

/** Puts a rendered part between its two markers in a Markdown file. */
export function insertGenerated(markdown: string, name: string, part: string): string {
  const pattern = new RegExp(`(<!-- generated: ${name} -->\\n)[\\s\\S]*?(\\n<!-- end: ${name} -->)`);
  if (!pattern.test(markdown)) throw new Error(`the markers of "${name}" are missing`);
  return markdown.replace(pattern, (_all, open: string, close: string) => `${open}\n${part}\n${close}`);
}

/** Text in which Markdown sees no HTML: it would leave out `<key>`. */
function plainText(text: string): string {
  return text.replaceAll('<', '\\<');
}

function unitWords(variable: DocumentedVariable): string {
  return variable.unit === undefined ? '' : ` (${variable.unit})`;
}

function fileWords({ name, secret }: DocumentedVariable): string {
  return secret ? `; or in the file of \`${name}_FILE\`` : '';
}

function plainDefault({ default: value }: DocumentedVariable): string {
  if (Array.isArray(value)) return value.join(',');
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}

function shownDefault(variable: DocumentedVariable): string {
  const plain = plainDefault(variable);
  return plain === '' ? '–' : `\`${plain}\``;
}
