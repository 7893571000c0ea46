import { isObject } from '../../../lib/json/json-object.js';
import type { Json, JsonObject } from '../../../lib/json/strict-json.js';
import { ambiguous } from '../reading/ambiguous.js';
import { readJudge } from '../reading/judge-reader.js';
import { ARCHIVE_TAG, LOCATION_TAG } from '../reading/trace-tags.js';
import type { UriUse } from './uri-policy.js';

/** An address that a request gives to MLflow, and where it stands. */
export interface GivenUri {
  readonly uri: string;
  readonly use: UriUse;
  readonly at: string;
}

/** MLflow reads the files of a trace, and deletes them, where these tags say. */
const LOCATION_TAGS: ReadonlySet<string> = new Set([LOCATION_TAG, ARCHIVE_TAG].map(inOneCase));
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
  // Their own reader refuses them.
  export_traces: () => [],
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
  registerScorer: ofJudges('serialized_scorer'),
  invoke_scorer_handler: ofJudges('serialized_scorer'),
  invoke_genai_evaluate_handler: ofJudges('serialized_scorers[]'),
  createPromptOptimizationJob: ofJudges('config.optimizer_config_json'),
};

/** Undefined for a call that gives MLflow no addresses. */
export function uriPlaces(call: string): Reader | undefined {
  return Object.hasOwn(PLACES, call) ? PLACES[call] : undefined;
}

function at(use: UriUse, ...paths: readonly string[]): Reader {
  return (fields) => paths.flatMap((path) => valuesAt(fields, path).map((uri) => ({ uri, use, at: path })));
}

function ofTag(fields: JsonObject): readonly GivenUri[] {
  const { key } = fields;
  return typeof key === 'string' && isLocation(key) ? at('location', 'value')(fields) : [];
}

function ofTags({ tags }: JsonObject): readonly GivenUri[] {
  return listOf(tags).flatMap((tag) => ofTag(tag as JsonObject));
}

function ofTagMap(fields: JsonObject): readonly GivenUri[] {
  const info = member(member(fields, 'trace'), 'trace_info');
  const tags = member(info, 'tags');
  return Object.entries(isObject(tags) ? tags : {}).flatMap(([tag, uri]): GivenUri[] =>
    isLocation(tag) && typeof uri === 'string'
      ? [{ uri, use: 'location', at: `trace.trace_info.tags ${tag}` }]
      : [],
  );
}

/** Some databases find a tag in another case, or with blanks behind it. */
function isLocation(tag: string): boolean {
  return LOCATION_TAGS.has(inOneCase(tag));
}

function inOneCase(tag: string): string {
  return tag.trim().toLowerCase();
}

function ofSettings({ auth_config: settings }: JsonObject): readonly GivenUri[] {
  const entries = isObject(settings) ? Object.entries(settings) : [];
  return entries.flatMap(([name, value]) =>
    typeof value === 'string' && (SERVER_SETTING.test(name) || value.includes('://'))
      ? [{ uri: value, use: 'url' as const, at: `auth_config.${name}` }]
      : [],
  );
}

/** Judges and optimizers are texts of JSON; MLflow calls the servers that they name. */
function ofJudges(path: string): Reader {
  return (fields) =>
    valuesAt(fields, path).flatMap((text) => {
      if (text === '') return [];
      const read = readJudge(text);
      if ('fault' in read) throw ambiguous(`"${path}" ${read.fault}`);
      return read.addresses.map((uri) => ({ uri, use: 'url' as const, at: path }));
    });
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
