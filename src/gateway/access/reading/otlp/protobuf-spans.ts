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

type Members = Readonly<Record<number, (bytes: Uint8Array) => void>>;

/**
 * Ids of all traces that an ExportTraceServiceRequest names, as MLflow writes them. The walk is its own, because it has
 * to see what any other parser could see: a member with another wire type, or twice where it stands once, is a fault.
 *
 * @throws OtlpFault
 */
export function tracesInProtobuf(body: Uint8Array): Set<string> {
  const traces = new Set<string>();
  try {
    walk(body, {
      [RESOURCE_SPANS]: (resource) => {
        walk(resource, {
          [SCOPE_SPANS]: (scope) => walk(scope, { [SPANS]: (span) => readSpan(span, traces) }),
        });
      },
    });
  } catch (error) {
    throw error instanceof OtlpFault ? error : new OtlpFault('is no request of OTLP in protobuf');
  }
  return traces;
}

/** Whether a parser of protobuf could find spans in it; members of another type are passed over, as parsers do. */
export function holdsSpans(body: Uint8Array): boolean {
  let found = false;
  try {
    walk(
      body,
      {
        [RESOURCE_SPANS]: (resource) => {
          const scopes: Members = {
            [SCOPE_SPANS]: (scope) => void walk(scope, { [SPANS]: () => (found = true) }, PASS_OVER),
          };
          walk(resource, scopes, PASS_OVER);
        },
      },
      PASS_OVER,
    );
    return found;
  } catch {
    // No parser reads what comes before a fault either.
    return false;
  }
}

function readSpan(span: Uint8Array, traces: Set<string>): void {
  let trace: string | undefined;
  walk(span, {
    [TRACE_ID]: (bytes) => {
      if (trace !== undefined) throw new OtlpFault('has a span with two trace ids');
      trace = traceOfBytes(bytes);
    },
    [ATTRIBUTES]: (attribute) => {
      const named = traceInAttribute(attribute);
      if (named !== undefined) traces.add(named);
    },
  });
  if (trace === undefined) throw new OtlpFault('has a span without a trace id');
  traces.add(trace);
}

function traceInAttribute(attribute: Uint8Array): string | undefined {
  const keys: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  walk(attribute, { [KEY]: (key) => void keys.push(key), [VALUE]: (value) => void values.push(value) });
  for (const key of keys) refusePlaceOfFiles(Buffer.from(key).toString('utf8'));
  if (!keys.some((key) => ATTRIBUTE_NAME.equals(key))) return undefined;
  const [value] = values;
  if (keys.length > 1 || values.length > 1 || value === undefined)
    throw new OtlpFault('has an attribute with two names or values');
  const texts: string[] = [];
  const count = walk(value, {
    [STRING_VALUE]: (text) => void texts.push(Buffer.from(text).toString('utf8')),
  });
  if (count !== 1 || texts[0] === undefined)
    throw new OtlpFault(`has an attribute "${REQUEST_ID_ATTRIBUTE}" that is no text`);
  return traceOfAttribute(texts[0]);
}

/**
 * Calls what stands under the number of each member; others are skipped.
 *
 * @returns how many members there are
 * @throws Error where it is no message; OtlpFault for a member of another type, unless those are passed over
 */
function walk(message: Uint8Array, members: Members, otherTypes?: typeof PASS_OVER): number {
  const reader = new BinaryReader(message);
  let count = 0;
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    count += 1;
    const member = members[number];
    const isOfOtherType = wireType !== WireType.LengthDelimited;
    if (member === undefined || (isOfOtherType && otherTypes === PASS_OVER)) {
      reader.skip(wireType, number);
      continue;
    }
    if (isOfOtherType) throw new OtlpFault('has a member of another type');
    member(reader.bytes());
  }
  return count;
}
