import { IsNumber, Max, Min } from 'class-validator';
import { Env, type CrossChecked } from './env.js';
import { isHttpUrl } from './url-rules.js';

/** Where traces go, if anywhere. */
export class TracingConfig implements CrossChecked {
  @Env('OTEL_EXPORTER_OTLP_ENDPOINT', {
    about:
      'OpenTelemetry collector that traces are posted to by OTLP over HTTP, such as http://collector:4318; unset: no traces',
  })
  endpoint: string | undefined = undefined;

  @Env('OTEL_TRACES_SAMPLER_ARG', {
    kind: 'number',
    about:
      'Part of the traces that begin here and are kept, from 0 to 1; those that callers began follow their decision',
  })
  @IsNumber()
  @Min(0)
  @Max(1)
  sampleRatio = 1;

  check(): string[] {
    if (this.endpoint === undefined || isHttpUrl(this.endpoint)) return [];
    return ['OTEL_EXPORTER_OTLP_ENDPOINT must be an http:// or https:// URL'];
  }
}
