import { actionOf } from '../../src/gateway/mlflow-routes/route-actions.js';
import { familyOf } from '../../src/gateway/mlflow-routes/route-families.js';
import {
  allRoutes,
  pathsOf,
  ROUTE_TABLES,
  withoutNames,
  type TableRow,
} from '../../src/gateway/mlflow-routes/route-table.js';
import type { RouteAction } from '../../src/gateway/mlflow-routes/route.js';

/** What MLflow's own authorization asks for before a route, by the name of its validator; undefined says no direction. */
function opinionOf({ opinion }: TableRow): RouteAction | undefined {
  if (opinion === undefined || /allow_authenticated|job_owner|gateway_proxy|invoke/.test(opinion))
    return undefined;
  if (/get_or_create/.test(opinion)) return 'write';
  if (/can_(?:read|get|list|search|view|query|batch_get)/.test(opinion)) return 'read';
  if (/can_(?:delete|manage)|admin/.test(opinion)) return 'manage';
  return 'write';
}

/** Who may change a thing may remove its parts: MLflow asks for its DELETE permission, which here is `manage`. */
const PARTS = [
  'DELETE /api/2.0/mlflow/logged-models/{model_id}/tags/{tag_key}',
  'DELETE /api/2.0/mlflow/model-versions/delete-tag',
  'DELETE /api/2.0/mlflow/registered-models/alias',
  'DELETE /api/3.0/mlflow/gateway/endpoints/bindings/delete',
  'DELETE /api/3.0/mlflow/gateway/endpoints/delete-tag',
  'DELETE /api/3.0/mlflow/traces/{trace_id}/assessments/{assessment_id}',
  // One schema is as much a part of its experiment as one label.
  'PATCH /api/3.0/mlflow/label-schemas/update',
];
/** Renaming moves a thing through the names that keys are granted; secrets and guardrails are the operator's. */
const STRICTER = [
  'POST /api/2.0/mlflow/registered-models/rename',
  'POST /api/3.0/mlflow/gateway/guardrails/add-to-endpoint',
  'DELETE /api/3.0/mlflow/gateway/guardrails/remove-from-endpoint',
  'PATCH /api/3.0/mlflow/gateway/guardrails/update-config',
  'POST /api/3.0/mlflow/gateway/secrets/create',
  'POST /api/3.0/mlflow/gateway/secrets/update',
];
const byPath = (one: string, other: string): number => (pathOf(one) < pathOf(other) ? -1 : 1);
const pathOf = (line: string): string => line.split(' ')[1] ?? '';

const classOf = (row: TableRow, path: string): string => {
  const family = familyOf(path);
  return family === undefined ? 'none' : `${family} ${actionOf(row.method, path, row.name, family)}`;
};

describe('the route table', () => {
  it('has a class for every route of every version', () => {
    const unclassified = ROUTE_TABLES.flatMap(({ mlflow, routes }) =>
      routes
        .filter(({ path }) => familyOf(path) === undefined)
        .map((row) => `${mlflow}: ${row.method} ${row.path}`),
    );
    expect(unclassified).toEqual([]);
  });

  it('gives a route one class, whatever the version and the tree', () => {
    const classes = new Map<string, Set<string>>();
    for (const { routes } of ROUTE_TABLES)
      for (const row of routes)
        for (const path of pathsOf(row)) {
          const key = `${row.method} ${withoutNames(path).replace('/ajax-api/', '/api/')}`;
          classes.set(key, (classes.get(key) ?? new Set()).add(classOf(row, path)));
        }
    expect([...classes].filter(([, found]) => found.size > 1)).toEqual([]);
  });

  it("agrees with MLflow's own authorization, but where a reason is given", () => {
    const different = (ROUTE_TABLES[0]?.routes ?? []).flatMap((row) => {
      const theirs = opinionOf(row);
      const family = familyOf(row.path);
      const ours = family && actionOf(row.method, row.path, row.name, family);
      return theirs === undefined || theirs === ours || row.basicAuth
        ? []
        : [`${row.method} ${row.path}: ${ours}, not ${theirs} (${row.opinion})`];
    });
    expect(different.map((line) => line.replace(/ \(.*/, ''))).toEqual(
      [
        ...PARTS.map((route) => `${route}: write, not manage`),
        ...STRICTER.map((route) => `${route}: manage, not write`),
      ].sort(byPath),
    );
  });

  it('knows every route once', () => {
    const keys = allRoutes().map(({ method, template }) => `${method} ${withoutNames(template)}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThan(500);
  });
});
