import type { HttpProbe } from '../checks/http-probe.js';
import type { Environment } from '../io/cli-io.js';

/** A service that the doctor looks at; only those that were named are there. */
export interface Target {
  readonly name: 'gateway' | 'auth-service' | 'mlflow' | 'redis';
  readonly title: string;
  readonly url: URL;
  /** Path that answers without a credential, for the date and the connection. */
  readonly probePath: string;
}

/** What the checks of `hokusai doctor` share. */
export interface DoctorContext {
  readonly probe: HttpProbe;
  readonly env: Environment;
  readonly timeoutMs: number;
  readonly apiKey: string | undefined;
  readonly serviceId: string;
}

/** The URL of a path below a target. */
export function at(target: Target, path: string): string {
  return target.url.href.replace(/\/+$/, '') + path;
}

/** Host without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
