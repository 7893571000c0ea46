/** The part of an OpenAPI document that is rendered. */
export interface OpenApi {
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, { description?: string }> };
}

interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  description?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  default?: unknown;
}

interface OperationObject {
  summary: string;
  description?: string;
  security: Record<string, unknown>[];
  parameters: { name: string; in: string; schema: Schema }[];
  requestBody?: { required: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
}

/** One operation, or several methods of one path that do the same. */
interface Call {
  readonly methods: readonly string[];
  readonly path: string;
  readonly operation: OperationObject;
}

/** Every operation and every schema of a document, as Markdown: what its page shows. */
export function renderOpenApi(document: OpenApi): string {
  const { schemas, securitySchemes } = document.components;
  const calls = callsOf(document);
  return [
    '| call | what it does | credential |',
    '|---|---|---|',
    ...calls.map(
      (call) => `| \`${nameOf(call)}\` | ${cell(call.operation.summary)} | ${credentials(call.operation)} |`,
    ),
    '',
    '## Credentials',
    '',
    '| name | what it is |',
    '|---|---|',
    ...Object.entries(securitySchemes).map(([name, { description = '' }]) => `| ${name} | ${description} |`),
    '',
    '## Each call',
    '',
    ...calls.flatMap((call) => [...renderCall(call), '']),
    '## Schemas',
    '',
    ...Object.entries(schemas).flatMap(([name, schema]) => renderSchema(name, schema)),
  ]
    .join('\n')
    .trimEnd();
}

function callsOf({ paths }: OpenApi): Call[] {
  return Object.entries(paths).flatMap(([path, methods]) => {
    const bySummary = Map.groupBy(Object.entries(methods), ([, operation]) => operation.summary);
    return [...bySummary.values()].map((alike) => ({
      methods: alike.map(([method]) => method.toUpperCase()),
      path,
      operation: (alike[0] as [string, OperationObject])[1],
    }));
  });
}

function nameOf({ methods, path }: Call): string {
  return `${methods.join(', ')} ${path}`;
}

function renderCall(call: Call): string[] {
  const { operation } = call;
  const [success = '', ...problems] = Object.keys(operation.responses);
  const lines = [`### ${nameOf(call).replaceAll('{', '\\{')}`, '', `${operation.summary}.`];
  if (operation.description !== undefined) lines.push(operation.description);
  const parameters = operation.parameters.map(
    ({ name, in: place, schema }) => `| \`${name}\` | ${place} | ${cell(typeOf(schema))} |`,
  );
  if (parameters.length > 0) lines.push('', '| parameter | in | value |', '|---|---|---|', ...parameters);
  lines.push(
    '',
    ...bodyLine(operation),
    `- Success: ${success}${contentOf(operation.responses[success]?.content)}`,
  );
  if (problems.length > 0) lines.push(`- Problems: ${problems.join(', ')}, as [errors](errors.md) has them`);
  return lines;
}

function bodyLine({ requestBody }: OperationObject): string[] {
  if (requestBody === undefined) return [];
  return [`- Body${requestBody.required ? '' : ', optional'}${contentOf(requestBody.content)}`];
}

function contentOf(content: Record<string, { schema: Schema }> | undefined): string {
  const [type, value] = Object.entries(content ?? {})[0] ?? [];
  if (type === undefined || value === undefined) return ', without a body';
  return `: ${typeOf(value.schema)}${type === 'application/json' ? '' : ` (\`${type}\`)`}`;
}

function credentials({ security }: OperationObject): string {
  const names = security.flatMap((one) => Object.keys(one));
  return names.length === 0 ? 'none' : names.join(', ');
}

function renderSchema(name: string, schema: Schema): string[] {
  const head = [`### ${name}`, ''];
  if (schema.description !== undefined) head.push(`${schema.description}.`, '');
  if (schema.properties === undefined) return [...head, `${typeOf(schema)}.`, ''];
  const rows = Object.entries(schema.properties).map(([property, value]) => {
    const must = schema.required?.includes(property) ? 'always' : '';
    return `| \`${property}\` | ${cell(typeOf(value))} | ${must} |`;
  });
  return [...head, '| member | value | |', '|---|---|---|', ...rows, ''];
}

function typeOf(schema: Schema): string {
  const note = schema.description === undefined ? '' : ` (${schema.description})`;
  return shapeOf(schema) + note;
}

function shapeOf(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.anyOf !== undefined) return schema.anyOf.map(shapeOf).join(' or ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined && schema.enum.length > 12)
    return `one of ${schema.enum.length} words, such as \`${String(schema.enum[0])}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.type === 'array') return `list of ${shapeOf(schema.items ?? {})}${bounds(schema)}`;
  if (schema.properties !== undefined)
    return `object with ${Object.keys(schema.properties)
      .map((name) => `\`${name}\``)
      .join(', ')}`;
  if (schema.type === 'null') return 'null';
  return `${schema.format ?? schema.type ?? 'anything'}${bounds(schema)}`;
}

function bounds({ minimum, maximum, maxLength, maxItems, default: given }: Schema): string {
  const parts = [
    ...(minimum !== undefined && maximum !== undefined ? [`${minimum} to ${maximum}`] : []),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(maxItems === undefined ? [] : [`at most ${maxItems}`]),
    ...(given === undefined ? [] : [`default ${JSON.stringify(given)}`]),
  ];
  return parts.length > 0 ? `, ${parts.join(', ')}` : '';
}

/** Text in a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
