import type { Json, JsonObject } from '../../../lib/strict-json.js';
import { messageShape, type MessageShape } from '../../mlflow-routes/message-shapes.js';

/** How the values of a member are told, made once for each member of a message. */
export interface Field {
  readonly name: string;
  readonly kind: 'one' | 'list' | 'map';
  /** Of a value, or of each entry; undefined for messages, which have members. */
  readonly isValue: ((value: Json) => boolean) | undefined;
  readonly messageType: string;
  readonly takesNull: boolean;
}

/** Of these members at most one may be set; with two, protobuf's reader stops and drops what comes after. */
export const ONE_OF: Readonly<Record<string, readonly string[]>> = {
  'mlflow.TraceLocation': ['mlflow_experiment', 'inference_table'],
  'mlflow.assessments.Assessment': ['feedback', 'expectation', 'issue'],
  'mlflow.label_schemas.LabelSchemaInput': ['pass_fail', 'categorical', 'numeric', 'text'],
  'opentelemetry.proto.common.v1.AnyValue': [
    'string_value',
    'bool_value',
    'int_value',
    'double_value',
    'array_value',
    'kvlist_value',
    'bytes_value',
    'string_value_strindex',
  ],
};

const fields = new WeakMap<MessageShape, ReadonlyMap<string, Field>>();

/** Members of a shape by both of their spellings, `experiment_id` and `experimentId`. */
export function fieldsOf(shape: MessageShape): ReadonlyMap<string, Field> {
  let known = fields.get(shape);
  if (known === undefined) {
    const entries = Object.entries(shape).map(([name, type]) => fieldOf(name, type));
    known = new Map(
      entries.flatMap((field) => [[field.name, field] as const, [camelCase(field.name), field] as const]),
    );
    fields.set(shape, known);
  }
  return known;
}

function fieldOf(name: string, type: string): Field {
  const entries = entryType(type);
  const single = entries?.type ?? type;
  return {
    name,
    kind: entries?.kind ?? 'one',
    isValue: scalarCheck(single),
    messageType: single,
    takesNull: type === 'google.protobuf.Value',
  };
}

export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const INTEGER = /^-?\d+$/;
const NUMBER = /^(?:-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|-?Infinity)$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const DURATION = /^-?\d{1,12}(?:\.\d{1,9})?s$/;
const FIELD_MASK = /^[a-zA-Z0-9.,]*$/;

/** How a value of each type that has no members is told. */
const SCALARS: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  int: (value) =>
    typeof value === 'number' ? Number.isInteger(value) : typeof value === 'string' && INTEGER.test(value),
  number: (value) => typeof value === 'number' || (typeof value === 'string' && NUMBER.test(value)),
  bool: (value) => typeof value === 'boolean',
  enum: (value) => typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value)),
  'google.protobuf.Value': () => true,
  'google.protobuf.Timestamp': (value) => typeof value === 'string' && TIMESTAMP.test(value),
  'google.protobuf.Duration': (value) => typeof value === 'string' && DURATION.test(value),
  'google.protobuf.FieldMask': (value) => typeof value === 'string' && FIELD_MASK.test(value),
};

/** Undefined for the type of a message, which has members. */
export function scalarCheck(type: string): ((value: Json) => boolean) | undefined {
  return Object.hasOwn(SCALARS, type) ? SCALARS[type] : undefined;
}

/** The type of the entries of a list or a map; undefined for neither. */
export function entryType(
  type: string,
): { readonly kind: 'list' | 'map'; readonly type: string } | undefined {
  if (type.startsWith('[')) return { kind: 'list', type: type.slice(1, -1) };
  return type.startsWith('{') ? { kind: 'map', type: type.slice(1, -1) } : undefined;
}

export function shapeOf(type: string): MessageShape | undefined {
  return messageShape(type);
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
