import table222 from './tables/routes.2.22.json' with { type: 'json' };
import table31 from './tables/routes.3.1.json' with { type: 'json' };
import table317 from './tables/routes.3.17.json' with { type: 'json' };
import table35 from './tables/routes.3.5.json' with { type: 'json' };
import { actionOf } from './route-actions.js';
import { familyOf } from './route-families.js';
import type { IdPlace, IdPosition, Route } from './route.js';

/** One row as scripts/generate-route-table.py writes it. */
export interface TableRow {
  readonly method: string;
  readonly path: string;
  readonly name: string;
  /** Served below `/api` and `/ajax-api` alike; `path` names the first. */
  readonly both?: boolean;
  readonly message?: string;
  readonly fastapi?: number;
  readonly ids?: Partial<Record<Exclude<IdPlace, 'path'>, readonly string[]>>;
  /** Only with MLflow's basic-auth application. */
  readonly basicAuth?: boolean;
  /** What MLflow's own authorization asks before it. */
  readonly opinion?: string;
  readonly unimplemented?: boolean;
}

export interface RouteTable {
  readonly mlflow: string;
  readonly routes: readonly TableRow[];
  /** Members and types of the messages, by full name; `[x]` is a list and `{x}` a map. */
  readonly messages: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The tables of all versions, newest first: where two know a route, the newer one says more of it. */
export const ROUTE_TABLES = [table317, table35, table31, table222] as unknown as readonly RouteTable[];

/** Resources that cannot be derived from MLflow's source code. */
const UNSEEN_IDS: readonly (readonly [RegExp, IdPosition])[] = [
  [/\/experiments\/search-datasets$/, { place: 'body', name: 'experiment_ids[]' }],
  [/^\/gateway\/(?:mlflow|openai|anthropic|typesafe)\//, { place: 'body', name: 'model' }],
];

/** Every route of every version, each once. */
export function allRoutes(tables: readonly RouteTable[] = ROUTE_TABLES): Route[] {
  const known = new Map<string, KnownRow>();
  for (const { routes } of tables)
    for (const row of routes)
      for (const path of pathsOf(row)) {
        const key = `${row.method} ${withoutNames(path)}`;
        const ids = idsOf(row, path);
        const newer = known.get(key);
        if (newer) {
          newer.ids.push(...ids.filter((one) => !newer.ids.some((other) => sameId(one, other))));
          if (row.message !== undefined) newer.messages.add(row.message);
        } else
          known.set(key, {
            ...row,
            path,
            ids,
            messages: new Set(row.message === undefined ? [] : [row.message]),
          });
      }
  return [...known.values()].flatMap((row) => toRoute(row) ?? []);
}

type KnownRow = Omit<TableRow, 'ids'> & { readonly ids: IdPosition[]; readonly messages: Set<string> };

/** Undefined for a row that no rule knows: such a route counts as unknown, and a test fails. */
function toRoute(row: KnownRow): Route | undefined {
  const family = familyOf(row.path);
  if (family === undefined) return undefined;
  return {
    method: row.method,
    template: row.path,
    name: row.name,
    family,
    action: actionOf(row.method, row.path, row.name, family),
    ids: row.ids,
    messages: [...row.messages],
    fastapiOrder: row.fastapi,
  };
}

export function pathsOf(row: TableRow): string[] {
  return row.both ? [row.path, row.path.replace(/^\/api/, '/ajax-api')] : [row.path];
}

function idsOf(row: TableRow, path: string): IdPosition[] {
  const inPath = [...path.matchAll(/\{(\w+)(?::path)?\}/g)].map(([, name]): IdPosition => ({
    place: 'path',
    name: name as string,
  }));
  const written = Object.entries(row.ids ?? {}).flatMap(([place, names]) =>
    names.map((name): IdPosition => ({ place: place as IdPlace, name })),
  );
  const unseen = row.method === 'POST' ? UNSEEN_IDS.filter(([pattern]) => pattern.test(path)) : [];
  return [...inPath, ...written, ...unseen.map(([, position]) => position)];
}

function sameId(one: IdPosition, other: IdPosition): boolean {
  return one.place === 'path' ? other.place === 'path' : one.place === other.place && one.name === other.name;
}

/** Versions name one parameter differently. */
export function withoutNames(template: string): string {
  return template.replace(/\{\w+(:path)?\}/g, '{$1}');
}
