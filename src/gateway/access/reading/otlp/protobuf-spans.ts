import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import {
  OtlpFault,
  refusePlaceOfFiles,
  REQUEST_ID_ATTRIBUTE,
  traceOfAttribute,
  traceOfBytes,
} from './trace-names.js';

/** Numbers of the members on the way to a trace id: opentelemetry/proto/collector/trace/v1/trace_service.proto. */
const RESOURCE_SPANS = 1;
const SCOPE_SPANS = 2;
const SPANS = 2;
const TRACE_ID = 1;
const ATTRIBUTES = 9;
const KEY = 1;
const VALUE = 2;
const STRING_VALUE = 1;

const ATTRIBUTE_NAME = Buffer.from(REQUEST_ID_ATTRIBUTE);

const PASS_OVER = 'pass over';

/** A reading that stops after every so many members, so that others have their turn in a long one. */
export type Reading<Result> = Generator<undefined, Result, undefined>;

/** Members that are read in one go: about a millisecond. */
const SLICE = 5000;

/** Counts members, in whichever message they stand. */
class Pace {
  private members = 0;

  /** @returns whether it is time to stop */
  next(): boolean {
    this.members += 1;
    return this.members % SLICE === 0;
  }
}

type Members = Readonly<Record<number, (bytes: Uint8Array) => Reading<unknown> | undefined>>;

/**
 * Ids of all traces that an ExportTraceServiceRequest names, as MLflow writes them. It is not a library's parser,
 * because it must see everything that any other parser could see: a member with another wire type, or a repeated
 * member that may be there only once, is a fault.
 *
 * @throws OtlpFault
 */
export function* tracesInProtobuf(body: Uint8Array): Reading<Set<string>> {
  const traces = new Set<string>();
  const pace = new Pace();
  const scopes: Members = {
    [SCOPE_SPANS]: (scope) => walk(scope, { [SPANS]: (span) => readSpan(span, traces, pace) }, pace),
  };
  try {
    yield* walk(body, { [RESOURCE_SPANS]: (resource) => walk(resource, scopes, pace) }, pace);
  } catch (error) {
    throw error instanceof OtlpFault ? error : new OtlpFault('is no request of OTLP in protobuf');
  }
  return traces;
}

/** Whether a parser of protobuf could find spans in it; members of another type are passed over, as parsers do. */
export function* holdsSpans(body: Uint8Array): Reading<boolean> {
  let found = false;
  const find = (): undefined => void (found = true);
  const pace = new Pace();
  const scopes: Members = { [SCOPE_SPANS]: (scope) => walk(scope, { [SPANS]: find }, pace, PASS_OVER) };
  const resources: Members = { [RESOURCE_SPANS]: (resource) => walk(resource, scopes, pace, PASS_OVER) };
  try {
    yield* walk(body, resources, pace, PASS_OVER);
    return found;
  } catch {
    // Other parsers also drop what they read before a fault.
    return false;
  }
}

function* readSpan(span: Uint8Array, traces: Set<string>, pace: Pace): Reading<undefined> {
  let trace: string | undefined;
  const members: Members = {
    [TRACE_ID]: (bytes) => {
      if (trace !== undefined) throw new OtlpFault('has a span with two trace ids');
      trace = traceOfBytes(bytes);
      return undefined;
    },
    [ATTRIBUTES]: (attribute) => readAttribute(attribute, traces, pace),
  };
  yield* walk(span, members, pace);
  if (trace === undefined) throw new OtlpFault('has a span without a trace id');
  traces.add(trace);
}

function* readAttribute(attribute: Uint8Array, traces: Set<string>, pace: Pace): Reading<undefined> {
  const keys: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  const members: Members = {
    [KEY]: (key) => void keys.push(key),
    [VALUE]: (value) => void values.push(value),
  };
  yield* walk(attribute, members, pace);
  for (const key of keys) refusePlaceOfFiles(Buffer.from(key).toString('utf8'));
  if (!keys.some((key) => ATTRIBUTE_NAME.equals(key))) return;
  const [value] = values;
  if (keys.length > 1 || values.length > 1 || value === undefined)
    throw new OtlpFault('has an attribute with two names or values');
  const texts: string[] = [];
  const strings: Members = {
    [STRING_VALUE]: (text) => void texts.push(Buffer.from(text).toString('utf8')),
  };
  const count = yield* walk(value, strings, pace);
  if (count !== 1 || texts[0] === undefined)
    throw new OtlpFault(`has an attribute "${REQUEST_ID_ATTRIBUTE}" that is no text`);
  traces.add(traceOfAttribute(texts[0]));
}

/**
 * Calls what stands under the number of each member; others are skipped.
 *
 * @returns how many members there are
 * @throws Error where it is no message; OtlpFault for a member of another type, unless those are passed over
 */
function* walk(
  message: Uint8Array,
  members: Members,
  pace: Pace,
  otherTypes?: typeof PASS_OVER,
): Reading<number> {
  const reader = new BinaryReader(message);
  let count = 0;
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    count += 1;
    if (pace.next()) yield;
    const member = members[number];
    const isOfOtherType = wireType !== WireType.LengthDelimited;
    if (member === undefined || (isOfOtherType && otherTypes === PASS_OVER)) {
      reader.skip(wireType, number);
      continue;
    }
    if (isOfOtherType) throw new OtlpFault('has a member of another type');
    const inner = member(reader.bytes());
    if (inner) yield* inner;
  }
  return count;
}
