import { QUERY_API_KEY } from '../../contracts/http/headers.js';
import type { RequestTarget } from '../../lib/http/request-target.js';
import { toAjaxDialect } from '../mlflow-routes/judged-path.js';

/** What shapes the upstream's request target. */
export interface UpstreamTargetOptions {
  /** Path of `MLFLOW_SERVER_URL` without a slash at the end; empty for a server at its root. */
  readonly basePath: string;
  readonly dialect: 'as-is' | 'ajax-api';
}

/** Path and query for MLflow: what came after the mount, byte for byte, but for a key, which goes nowhere else. */
export function upstreamTarget(target: RequestTarget, mount: string, options: UpstreamTargetOptions): string {
  const rest = target.rawPath.slice(mount.length);
  const path = options.dialect === 'ajax-api' ? toAjaxDialect(rest) : rest;
  return options.basePath + path + withoutApiKey(target.rawQuery);
}

/** Drops every parameter whose decoded name is `api_key`; the others are not changed. */
export function withoutApiKey(rawQuery: string): string {
  if (!rawQuery.includes('%') && !rawQuery.includes(QUERY_API_KEY)) return rawQuery;
  const all = rawQuery.slice(1).split('&');
  const kept = all.filter((parameter) => decodedName(parameter) !== QUERY_API_KEY);
  if (kept.length === all.length) return rawQuery;
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

function decodedName(parameter: string): string {
  const mark = parameter.indexOf('=');
  const name = mark === -1 ? parameter : parameter.slice(0, mark);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
