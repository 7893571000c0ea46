import { isSpanContextValid, trace } from '@opentelemetry/api';
import { randomBytes } from 'node:crypto';

/** W3C Trace Context, level 1: version, trace id, parent id, flags; later versions may append fields. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

const NO_PARENT = '0'.repeat(16);

/** Whether a caller's `traceparent` may be passed on; an invalid one restarts the trace. */
export function isTraceparent(value: string): boolean {
  return TRACEPARENT.test(value);
}

/**
 * A `traceparent` for a request that came without a valid one: of the active span where the operator
 * runs OpenTelemetry, else of a trace that bears the request's id, so that logs and traces meet.
 *
 * @param requestId a UUID
 */
export function newTraceparent(requestId: string): string {
  const span = trace.getActiveSpan()?.spanContext();
  if (span !== undefined && isSpanContextValid(span))
    return `00-${span.traceId}-${span.spanId}-${(span.traceFlags & 0xff).toString(16).padStart(2, '0')}`;
  // "Sampled" leaves the decision to MLflow's own tracing, as without a gateway.
  const parent = requestId.slice(19, 23) + requestId.slice(24);
  // A caller may have chosen a request id of zeroes, which no trace may have.
  if (parent === NO_PARENT)
    return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  return `00-${requestId.slice(0, 8)}${requestId.slice(9, 13)}${requestId.slice(14, 18)}${parent}-${parent}-01`;
}
