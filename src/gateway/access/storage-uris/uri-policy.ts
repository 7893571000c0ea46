import { ipVersion } from '../../../lib/network/ip-version.js';
import { readModelSource } from '../reading/model-source.js';

/**
 * Where MLflow may be told to read and write: `off` anywhere; `schemes` in stores of the listed schemes; `managed` where
 * MLflow itself decides, and model versions are made of what MLflow holds.
 */
export type StorageUriPolicy = 'off' | 'schemes' | 'managed';

/** What an address is for: files of an experiment or trace, the source of a model version, or a server to be called. */
export type UriUse = 'location' | 'source' | 'url';

export interface UriRules {
  readonly policy: StorageUriPolicy;
  /** Schemes that `schemes` lets pass, in lower case. */
  readonly schemes: readonly string[];
}

/** Schemes that reach the host of MLflow itself, or any server: no list may open them. */
const CLOSED_SCHEMES: readonly string[] = ['file', 'http', 'https', 'ftp', 'data', 'jar'];

const URI = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/]*))?(\/.*|[^/].*)?$/s;
// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const UNSAFE = /[\u0000-\u0020\u007f\\]/;
/** Names that no public server has. */
const INTERNAL_HOST = /(?:^|\.)(?:localhost|local|internal|localdomain|intranet|home|lan|corp)$/;

/**
 * Why an address is refused, as words that follow "it"; undefined where it is not. An empty one is none.
 */
export function uriFault(uri: string, use: UriUse, { policy, schemes }: UriRules): string | undefined {
  if (policy === 'off' || uri === '') return undefined;
  if (use === 'url') return urlFault(uri);
  if (use === 'source' && readModelSource(uri) !== undefined) return undefined;
  if (policy === 'managed')
    return use === 'location'
      ? 'names a place for files, which MLflow chooses itself'
      : 'is not one of runs:/<run>/…, models:/<name>/<version>, models:/<name>@<alias>, models:/<logged model> and mlflow-artifacts:/<experiment>/…';
  return locationFault(uri, schemes);
}

function locationFault(uri: string, schemes: readonly string[]): string | undefined {
  if (UNSAFE.test(uri)) return 'has a blank, a backslash or a control character';
  const [, scheme, authority = '', path = ''] = URI.exec(uri) ?? [];
  if (scheme === undefined) return "is a path on MLflow's host";
  const lower = scheme.toLowerCase();
  if (CLOSED_SCHEMES.includes(lower) || !schemes.includes(lower))
    return `has the scheme ${lower}, which is not one of ${schemes.join(', ')}`;
  if (decoded(path).split('/').includes('..')) return 'has a ".." segment';
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
  // A server of the client's choice would be asked with what MLflow has to sign in with.
  if (lower === 'mlflow-artifacts' && authority !== '') return 'names another server';
  return isAddress(host) ? 'names a server by its address' : undefined;
}

function urlFault(uri: string): string | undefined {
  if (UNSAFE.test(uri)) return 'has a blank, a backslash or a control character';
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    return 'is no URL';
  }
  if (url.protocol !== 'https:') return 'does not begin with https://';
  if (url.username !== '' || url.password !== '') return 'holds a user name or a password';
  const host = url.hostname.replace(/\.$/, '');
  if (isAddress(host)) return 'names a server by its address';
  return !host.includes('.') || INTERNAL_HOST.test(host) ? 'names a server of an inner network' : undefined;
}

/** Addresses in every spelling that a resolver takes for one: dotted, decimal, octal, hexadecimal, IPv6. */
function isAddress(host: string): boolean {
  return (
    host.startsWith('[') ||
    ipVersion(host) !== 0 ||
    /^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*\.?$/i.test(host)
  );
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
