import { isPlaceOfFiles } from '../trace-tags.js';

/** Why a body of spans is refused, as words that follow "the body". */
export class OtlpFault extends Error {}

/** Spans that are too long, once they are inflated, or too many values. */
export class TooLargeSpans extends Error {}

/**
 * A span may have an attribute with MLflow's own id of its trace: MLflow 3.5 uses it instead of OpenTelemetry's id.
 */
export const REQUEST_ID_ATTRIBUTE = 'mlflow.traceRequestId';

/** MLflow makes tags of a trace of such attributes, without the checks of its other calls. */
const TAG_ATTRIBUTE = /^\s*mlflow\.traceTag\./i;

/** @throws OtlpFault for an attribute that says where the files of a trace are */
export function refusePlaceOfFiles(attributeName: string): void {
  const tag = attributeName.replace(TAG_ATTRIBUTE, '');
  if (tag !== attributeName && isPlaceOfFiles(tag))
    throw new OtlpFault('has an attribute that says where the files of a trace are, which MLflow decides');
}

const TRACE_ID_BYTES = 16;
const MLFLOW_TRACE_ID = /^tr-[0-9a-f]{32}$/;

/** MLflow's id of a trace: it reads any number of bytes as one number, and zeros in front make no other trace. */
export function traceOfBytes(id: Uint8Array): string {
  if (id.length !== TRACE_ID_BYTES) throw new OtlpFault('has a trace id that is not of 16 bytes');
  return `tr-${Buffer.from(id).toString('hex')}`;
}

export function traceOfHex(id: string): string {
  if (!/^[0-9a-f]{32}$/i.test(id)) throw new OtlpFault('has a trace id that is not of 32 hexadecimal digits');
  return `tr-${id.toLowerCase()}`;
}

/** @param text value of the attribute: the id, which MLflow's own clients write as a JSON string */
export function traceOfAttribute(text: string): string {
  const id = text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  if (!MLFLOW_TRACE_ID.test(id))
    throw new OtlpFault(`has an attribute "${REQUEST_ID_ATTRIBUTE}" that is no id of a trace`);
  return id;
}
