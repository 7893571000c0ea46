import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** One span of OpenTelemetry, as little of it as MLflow needs. */
export interface OtlpSpan {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  readonly spanId?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

type Write = (writer: BinaryWriter) => void;

/** An ExportTraceServiceRequest in protobuf with one list of spans. */
export function otlpBody(...spans: readonly OtlpSpan[]): Buffer {
  const scope = message(...spans.map((span) => member(2, spanBytes(span))));
  return Buffer.from(message(member(1, message(member(2, scope)))));
}

function spanBytes({ traceId, spanId = '0102030405060708', attributes = {} }: OtlpSpan): Uint8Array {
  return message(
    member(1, Buffer.from(traceId, 'hex')),
    member(2, Buffer.from(spanId, 'hex')),
    text(5, 'a step'),
    time(7, 1_700_000_000_000_000_000n),
    time(8, 1_700_000_000_100_000_000n),
    ...Object.entries(attributes).map(([name, value]) =>
      member(9, message(text(1, name), member(2, message(text(1, value))))),
    ),
  );
}

function message(...writes: Write[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const write of writes) write(writer);
  return writer.finish();
}

function member(number: number, bytes: Uint8Array): Write {
  return (writer) => void writer.tag(number, WireType.LengthDelimited).bytes(bytes);
}

function text(number: number, value: string): Write {
  return member(number, Buffer.from(value));
}

function time(number: number, nanoseconds: bigint): Write {
  return (writer) => void writer.tag(number, WireType.Bit64).fixed64(nanoseconds);
}
