import { buildInfo } from '../build-info.js';
import type { ServerConfig } from '../config/server.config.js';
import type { TracingConfig } from '../config/tracing.config.js';
import type { Logger } from '../logging/logger.js';
import { NO_TRACING, type Tracing } from './tracing.js';

/** Which program the traces are of. */
export interface TracedProgram {
  readonly name: string;
  readonly server: ServerConfig;
  readonly logger: Logger;
}

/** OpenTelemetry is loaded only if an endpoint is set. */
export async function startTracing(config: TracingConfig, program: TracedProgram): Promise<Tracing> {
  if (config.endpoint === undefined) return NO_TRACING;
  const { OtlpTracing } = await import('./otlp-tracing.js');
  const { version } = buildInfo(program.server);
  return new OtlpTracing(config.endpoint, config.sampleRatio, { ...program, version });
}
