import type { HeldBytes } from '../body-collector.js';
import { inflateBody } from './inflate.js';
import { tracesInJson } from './json-spans.js';
import { holdsSpans, tracesInProtobuf, type Reading } from './protobuf-spans.js';
import { OtlpFault } from './trace-names.js';

/** What the headers say about the form of a body of spans. */
export interface OtlpForm {
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** Bytes that it may have once it is inflated. */
  readonly maxBytes: number;
  /** What is made of it counts there. */
  readonly held: HeldBytes;
}

/**
 * Ids of all traces that a request of OTLP writes to, as MLflow names them (`tr-…`).
 *
 * @throws OtlpFault, TooLargeSpans; ProblemError where there is no room for them
 */
export async function readOtlp(body: Uint8Array, form: OtlpForm): Promise<Set<string>> {
  const { contentType, contentEncoding, maxBytes, held } = form;
  const mediaType = contentType?.split(';', 1)[0]?.trim();
  const bytes = await inflateBody(body, contentEncoding, maxBytes, (length) => held.grow(length));
  if (mediaType === 'application/json') return tracesInJson(bytes, held);
  if (mediaType !== 'application/x-protobuf')
    throw new OtlpFault('has a Content-Type other than application/x-protobuf and application/json');
  // MLflow 3.5 does not inflate bodies. So the compressed bytes themselves must not contain spans for a server that
  // reads them unchanged.
  if (bytes !== body && (await inTurns(holdsSpans(body))))
    throw new OtlpFault('has two meanings, compressed and not');
  return inTurns(tracesInProtobuf(bytes));
}

async function inTurns<Result>(reading: Reading<Result>): Promise<Result> {
  for (;;) {
    const step = reading.next();
    if (step.done) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
