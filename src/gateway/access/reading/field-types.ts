import type { Json } from '../../../lib/json/strict-json.js';
import type { MessageShape } from '../../mlflow-routes/message-shapes.js';

/** How to check the values of a member; made once for each member of a message. */
export interface Field {
  readonly name: string;
  readonly kind: 'one' | 'list' | 'map';
  /** Checks a value, or each entry; undefined for messages, which have members. */
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

/** The other name that protobuf's JSON has for a member. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const INTEGER = /^-?\d{1,20}$/;
const NUMBER = /^(?:-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN|-?Infinity)$/;
// Of the first and the last year a time zone may leave what protobuf can hold.
const TIMESTAMP =
  /^(?!0000|0001|9999)(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3])(?::[0-5]\d){2}(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const DURATION = /^-?\d{1,11}(?:\.\d{1,9})?s$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Protobuf's reader gives up below 100 messages; an entry of a list in a value costs it three. */
const DEEPEST_VALUE = 24;
const FIELD_MASK = /^[a-zA-Z0-9.,]*$/;

const isInt32 = integer(-(2n ** 31n), 2n ** 31n);

/** The check for each type that has no members. A value that protobuf cannot hold would make it stop reading, too. */
const SCALARS: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  bytes: (value) => typeof value === 'string' && BASE64.test(value),
  int32: isInt32,
  int64: integer(-(2n ** 63n), 2n ** 63n),
  uint32: integer(0n, 2n ** 32n),
  uint64: integer(0n, 2n ** 64n),
  // Without quotes protobuf takes no `NaN` and nothing infinite.
  number: (value) =>
    typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' && NUMBER.test(value),
  bool: (value) => typeof value === 'boolean',
  enum: (value) => (typeof value === 'string' ? !INTEGER.test(value) : isInt32(value)),
  'google.protobuf.Value': (value) => isShallow(value, DEEPEST_VALUE),
  'google.protobuf.Timestamp': isTimestamp,
  'google.protobuf.Duration': (value) => typeof value === 'string' && DURATION.test(value),
  'google.protobuf.FieldMask': (value) => typeof value === 'string' && FIELD_MASK.test(value),
};

/** @param end the first number that is too large */
function integer(least: bigint, end: bigint): (value: Json) => boolean {
  return (value) => {
    if (typeof value !== 'number' && typeof value !== 'string') return false;
    if (typeof value === 'number' ? !Number.isInteger(value) : !INTEGER.test(value)) return false;
    const whole = BigInt(value);
    return whole >= least && whole < end;
  };
}

function isTimestamp(value: Json): boolean {
  const day = typeof value === 'string' ? TIMESTAMP.exec(value)?.[1] : undefined;
  if (day === undefined) return false;
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

/** Numbers in it are numbers of protobuf, too. */
function isShallow(value: Json, levels: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner: Json) => isShallow(inner, levels - 1));
}

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
