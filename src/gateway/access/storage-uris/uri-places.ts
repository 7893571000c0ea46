import { isObject } from '../../../lib/json-object.js';
import type { Json, JsonObject } from '../../../lib/strict-json.js';
import { ARCHIVE_TAG, LOCATION_TAG } from '../reading/trace-tags.js';
import type { UriUse } from './uri-policy.js';

/** An address that a request gives to MLflow, and where it stands. */
export interface GivenUri {
  readonly uri: string;
  readonly use: UriUse;
  readonly at: string;
}

/** MLflow reads the files of a trace, and deletes them, where these tags say. */
const LOCATION_TAGS: readonly string[] = [LOCATION_TAG, ARCHIVE_TAG];
/** Members of a secret's settings that say which server is called. */
const SERVER_SETTING = /(?:base|url|endpoint|host|server)$/i;

type Reader = (fields: JsonObject) => readonly GivenUri[];

/** Where each call has addresses, by MLflow's names of the calls; members of messages by their snake names. */
const PLACES: Readonly<Record<string, Reader>> = {
  createExperiment: at('location', 'artifact_location'),
  createWorkspace: at('location', 'default_artifact_root', 'trace_archival_config.location'),
  updateWorkspace: at('location', 'default_artifact_root', 'trace_archival_config.location'),
  createModelVersion: at('source', 'source'),
  setTraceTag: ofTag,
  setTraceTagV3: ofTag,
  startTrace: (fields) => [...ofTags(fields), ...ofTagMap(fields)],
  endTrace: ofTags,
  startTraceV3: ofTagMap,
  createWebhook: at('url', 'url'),
  updateWebhook: at('url', 'url'),
  create_mcp_access_endpoint: at('url', 'url'),
  update_mcp_access_endpoint: at('url', 'url'),
  create_mcp_server: at('url', 'icons[].src'),
  update_mcp_server: at('url', 'icons[].src'),
  create_mcp_server_version: at(
    'url',
    ...['server_json', 'server_json.server'].flatMap((json) => [
      `${json}.icons[].src`,
      `${json}.remotes[].url`,
    ]),
    'tools[].icons[].src',
  ),
  update_mcp_server_version: at('url', 'tools[].icons[].src'),
  createGatewaySecret: ofSettings,
  updateGatewaySecret: ofSettings,
};

/** Undefined for a call that gives MLflow no addresses. */
export function uriPlaces(call: string): Reader | undefined {
  return Object.hasOwn(PLACES, call) ? PLACES[call] : undefined;
}

function at(use: UriUse, ...paths: readonly string[]): Reader {
  return (fields) => paths.flatMap((path) => valuesAt(fields, path).map((uri) => ({ uri, use, at: path })));
}

function ofTag(fields: JsonObject): readonly GivenUri[] {
  return LOCATION_TAGS.includes(fields['key'] as string) ? at('location', 'value')(fields) : [];
}

function ofTags({ tags }: JsonObject): readonly GivenUri[] {
  return listOf(tags).flatMap((tag) => ofTag(tag as JsonObject));
}

function ofTagMap(fields: JsonObject): readonly GivenUri[] {
  const info = member(member(fields, 'trace'), 'trace_info');
  const tags = member(info, 'tags');
  return LOCATION_TAGS.flatMap((tag): GivenUri[] => {
    const uri = member(tags, tag);
    return typeof uri === 'string' ? [{ uri, use: 'location', at: `trace.trace_info.tags ${tag}` }] : [];
  });
}

function ofSettings({ auth_config: settings }: JsonObject): readonly GivenUri[] {
  const entries = isObject(settings) ? Object.entries(settings) : [];
  return entries.flatMap(([name, value]) =>
    typeof value === 'string' && (SERVER_SETTING.test(name) || value.includes('://'))
      ? [{ uri: value, use: 'url' as const, at: `auth_config.${name}` }]
      : [],
  );
}

function valuesAt(fields: JsonObject, path: string): readonly string[] {
  let found: (Json | undefined)[] = [fields];
  for (const part of path.split('.')) {
    const name = part.replace('[]', '');
    const inside = found.map((value) => member(value, name));
    found = part.endsWith('[]') ? inside.flatMap((value) => [...listOf(value)]) : inside;
  }
  return found.filter((value) => typeof value === 'string');
}

function member(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
