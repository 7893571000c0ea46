import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import type { FieldProblem } from '../../contracts/errors/problem.js';
import { ProblemError } from '../../lib/http/problem-error.js';

export type FieldsClass<T extends object> = new () => T;

export interface ParseOptions {
  /** Ignore unknown fields, for callers that may be of a newer version. */
  ignoreUnknown?: boolean;
}

const MAX_NAME_SHOWN = 64;
const MAX_PROBLEMS = 50;

/**
 * Reads a decoded JSON object or query into a class whose fields carry class-validator's decorators.
 *
 * @throws ProblemError 400 `invalid-fields` that names every wrong field, and never a value
 */
export function parseFields<T extends object>(
  value: unknown,
  fields: FieldsClass<T>,
  options: ParseOptions = {},
): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidFields([{ field: 'body', message: 'must be a JSON object' }]);
  const known = fieldNames(fields);
  const parsed = new fields();
  const problems: FieldProblem[] = [];
  for (const [name, content] of Object.entries(value)) {
    // Looked up in the list, not in the object, because a field may be called "__proto__".
    if (known.has(name)) (parsed as Record<string, unknown>)[name] = content;
    else if (!options.ignoreUnknown) problems.push({ field: shown(name), message: 'is not a known field' });
  }
  problems.push(...validateSync(parsed, { forbidUnknownValues: false }).flatMap(problemsOf));
  if (problems.length > 0) throw invalidFields(problems);
  return parsed;
}

/**
 * The same for each entry of a batch, which may have fields that this version does not know. A wrong field is named
 * `records.<index>.<field>`.
 */
export function parseBatch<T extends object>(records: readonly unknown[], fields: FieldsClass<T>): T[] {
  const problems: FieldProblem[] = [];
  const parsed = records.map((record, index) => {
    try {
      return parseFields(record, fields, { ignoreUnknown: true });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      for (const { field, message } of error.fields ?? [])
        problems.push({
          field: field === 'body' ? `records.${index}` : `records.${index}.${field}`,
          message,
        });
      return undefined;
    }
  });
  if (problems.length > 0) throw invalidFields(problems);
  return parsed as T[];
}

/** The refusal for invalid fields; services use it too, for rules that need more than the field itself. */
export function invalidFields(problems: readonly FieldProblem[]): ProblemError {
  const fields = problems.slice(0, MAX_PROBLEMS);
  const words = fields.slice(0, 5).map(({ field, message }) => `${field} ${message}`);
  return new ProblemError('invalid-fields', {
    message: `The request has invalid fields: ${words.join('; ')}.`,
    fields,
    reason: `invalid-fields: ${fields.map(({ field }) => field).join(' ')}`.slice(0, 200),
  });
}

function fieldNames(fields: FieldsClass<object>): Set<string> {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(fields, '', false, false);
  return new Set(metadata.map(({ propertyName }) => propertyName));
}

/** Names of the fields of a class that hold times. */
export function instantFields(fields: FieldsClass<object>): string[] {
  return getMetadataStorage()
    .getTargetValidationMetadatas(fields, '', false, false)
    .filter(({ name }) => name === 'isInstant')
    .map(({ propertyName }) => propertyName);
}

/** If the type is wrong, only the type is reported: all other problems of the field follow from it. */
const TYPE_CONSTRAINTS = ['isInt', 'isArray', 'isString', 'isBoolean', 'isNumber'];

/** One problem a field. */
function problemsOf(error: ValidationError): FieldProblem[] {
  const constraints = error.constraints ?? {};
  const type = TYPE_CONSTRAINTS.find((name) => name in constraints);
  const messages = type === undefined ? Object.values(constraints) : [constraints[type] ?? ''];
  const words = messages.map((message) => withoutName(message, error.property)).join(', ');
  const nested = (error.children ?? []).flatMap(problemsOf);
  return [
    ...(words === '' ? [] : [{ field: error.property, message: words }]),
    ...nested.map((problem) => ({ ...problem, field: `${error.property}.${problem.field}` })),
  ];
}

/** class-validator begins most of its messages with `<field> ` or `each value in <field> `. */
function withoutName(message: string, field: string): string {
  const each = `each value in ${field} `;
  if (message.startsWith(each)) return `each value ${message.slice(each.length)}`;
  return message.startsWith(`${field} `) ? message.slice(field.length + 1) : message;
}

function shown(name: string): string {
  return name.slice(0, MAX_NAME_SHOWN).toWellFormed();
}
