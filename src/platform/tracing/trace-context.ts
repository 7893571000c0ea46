import { isSpanContextValid, TraceFlags, type SpanContext } from '@opentelemetry/api';

/** W3C Trace Context, level 1; later versions may append fields. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** The caller's span, where its id is valid. */
export function parentOf(header: string | string[] | undefined): SpanContext | undefined {
  // Two headers count as none: Node joins them to one value that does not match.
  if (typeof header !== 'string') return undefined;
  const [, traceId = '', spanId = '', flags = '0'] = TRACEPARENT.exec(header) ?? [];
  const context = { traceId, spanId, traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`;
}

/** @param requestId a UUID; one of zeroes, which a caller may have chosen, gives no trace id */
export function traceIdOf(requestId: string): string | undefined {
  const hex = requestId.replaceAll('-', '');
  return /^0+$/.test(hex) ? undefined : hex;
}
