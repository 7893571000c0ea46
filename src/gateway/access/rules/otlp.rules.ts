import { ProblemError } from '../../../lib/http/problem-error.js';
import { verdictOf, type Need } from '../grants/decide.js';
import { ambiguous } from '../reading/ambiguous.js';
import type { AskedRequest } from '../reading/asked-request.js';
import type { NamedKind } from '../reading/named.js';
import { readOtlp } from '../reading/otlp/otlp-reader.js';
import { OtlpFault, TooLargeSpans } from '../reading/otlp/trace-names.js';
import { decideTraces } from '../search/trace-verdict.js';
import type { RulesByCall } from './rule.js';

const EXPERIMENT_HEADER = 'x-mlflow-experiment-id';
const RUN_HEADER = 'x-mlflow-run-id';
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** MLflow is asked about each; exporters of OpenTelemetry send 512 spans at once. */
const MAX_TRACES = 1000;

/** How a body of spans is read. */
export const BODY_OF_SPANS = { body: 'bytes', maxBodyBytes: MAX_BODY_BYTES } as const;

/**
 * Spans are written to the trace that they name, wherever it lies, and to the experiment of the header only where there
 * is no such trace yet.
 */
export const OTLP_RULES: RulesByCall = {
  export_traces: {
    ...BODY_OF_SPANS,
    judge: async (asked, access) => {
      const places = [needOf(asked, 'experiment', EXPERIMENT_HEADER)];
      // MLflow treats an empty one as absent.
      if ((asked.header(RUN_HEADER) ?? '') !== '') places.push(needOf(asked, 'run', RUN_HEADER));
      const verdict = await access.decide(places);
      if (verdict.lacking !== undefined) return { verdict };
      const traces = [...(await tracesIn(asked))].map((id) => ({
        kind: 'trace' as const,
        id,
        at: 'body spans',
      }));
      if (traces.length > MAX_TRACES) throw new ProblemError('request-too-large', { reason: 'traces' });
      // Traces that do not exist are begun by these spans.
      const { findings } = await decideTraces(traces, 'write', access);
      return { verdict: verdictOf([...verdict.findings, ...findings]) };
    },
  },
};

function needOf(asked: AskedRequest, kind: NamedKind, header: string): Need {
  return { named: { kind, id: asked.header(header) ?? '', at: `header ${header}` }, level: 'write' };
}

/** @throws ProblemError for spans that can be read in two ways, or say where the files of their trace are */
export async function tracesIn(asked: AskedRequest): Promise<ReadonlySet<string>> {
  try {
    return await readOtlp(asked.parts.bytes ?? Buffer.alloc(0), {
      contentType: asked.header('content-type'),
      contentEncoding: asked.header('content-encoding'),
      maxBytes: MAX_BODY_BYTES,
      held: asked.parts.held,
    });
  } catch (error) {
    if (error instanceof TooLargeSpans) throw new ProblemError('request-too-large', { reason: 'inflated' });
    if (error instanceof OtlpFault) throw ambiguous(`its body ${error.message}`);
    throw error;
  }
}
