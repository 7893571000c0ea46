import type { VariableGroup } from './render.ts';

/** What of JSON Schema the chart's schema is read for. */
export interface ValuesSchema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, ValuesSchema>;
  propertyNames?: { enum: string[] };
}

/** Part of the values → title of the program's variables. */
const PROGRAMS: readonly [part: string, title: string][] = [
  ['gateway', 'Gateway'],
  ['keyService', 'Key service'],
];
/** Variables that have a value of the chart, or that nobody sets. */
const SET_BY_CHART = new Set([
  'BUILD_COMMIT',
  'DRAIN_DELAY_SECONDS',
  'HOST',
  'MLFLOW_SERVER_URL',
  'PORT',
  'SHUTDOWN_TIMEOUT_SECONDS',
]);

/**
 * The chart's schema with the variables that each program reads, so that Helm refuses a name that does not exist and a
 * secret that is given as text.
 */
export function renderChartSchema(schemaText: string, groups: readonly VariableGroup[]): string {
  const schema = JSON.parse(schemaText) as ValuesSchema;
  for (const [part, title] of PROGRAMS) {
    const variables = groups.find((group) => group.title === title)?.variables ?? [];
    const names = (secret: boolean): string[] =>
      variables.filter((one) => (one.secret ?? false) === secret).map(({ name }) => name);
    const { config, secrets } = schema.properties?.[part]?.properties ?? {};
    if (config === undefined || secrets === undefined) throw new Error(`the chart's schema lacks ${part}`);
    config.propertyNames = { enum: names(false).filter((name) => !SET_BY_CHART.has(name)) };
    secrets.propertyNames = { enum: names(true) };
  }
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Every value that has a description, with its default. */
export function renderChartValues(schemaText: string, values: unknown): string {
  const rows = describedValues(JSON.parse(schemaText) as ValuesSchema, values, []);
  return ['| value | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

function describedValues(schema: ValuesSchema, value: unknown, path: readonly string[]): string[] {
  if (schema.description !== undefined) {
    const shown = JSON.stringify(value);
    const isEmpty = value === undefined || ['""', '{}', '[]'].includes(shown);
    return [`| \`${path.join('.')}\` | ${isEmpty ? '–' : `\`${shown}\``} | ${schema.description} |`];
  }
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    describedValues(inner, (value as Record<string, unknown> | undefined)?.[name], [...path, name]),
  );
}
