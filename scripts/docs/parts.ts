import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import type { CatalogueEntry } from '../../src/contracts/errors/catalogue-entry.ts';
import type { ConfigClass, EnvVariable } from '../../src/platform/config/env.ts';
import type { Route } from '../../src/gateway/mlflow-routes/route.ts';
import type { DocumentedVariable, VariableGroup } from './render.ts';
import type { OpenApi } from './render-openapi.ts';

/** Loads a module of `src/` by its path without extension, from the sources or from a build. */
export type LoadModule = (path: string) => Promise<Record<string, unknown>>;

const GROUPS: readonly [title: string, module: string, list: string][] = [
  ['Gateway', 'gateway/config/gateway-config.module', 'GATEWAY_CONFIG_CLASSES'],
  ['Key service', 'key-service/config/key-service-config.module', 'KEY_SERVICE_CONFIG_CLASSES'],
];

/** What the documentation is rendered from. */
export async function documentedParts(load: LoadModule): Promise<{
  catalogue: Record<string, CatalogueEntry>;
  groups: VariableGroup[];
  calls: Map<string, Set<string>>;
  gatewayApi: OpenApi;
  keyServiceApi: OpenApi;
  cli: Command;
}> {
  const { ERROR_CATALOGUE } = await load('contracts/errors/error-codes');
  const { variablesOf } = (await load('platform/config/env')) as {
    variablesOf: (config: ConfigClass) => EnvVariable[];
  };
  const groups: VariableGroup[] = [];
  for (const [title, module, list] of GROUPS) {
    const classes = (await load(module))[list] as readonly ConfigClass[];
    const variables = classes.flatMap((config): DocumentedVariable[] => {
      const defaults = new config() as Record<string, unknown>;
      return variablesOf(config).map((v) => ({ ...v, default: defaults[v.property] }));
    });
    groups.push({ title, variables });
  }
  return {
    catalogue: ERROR_CATALOGUE as Record<string, CatalogueEntry>,
    groups,
    calls: await callsByScope(load),
    gatewayApi: await openApi(load, 'gateway/openapi/openapi.document', 'gatewayOpenApi'),
    keyServiceApi: await openApi(load, 'key-service/openapi/openapi.document', 'keyServiceOpenApi'),
    cli: await cliProgram(load),
  };
}

/** The command tree of `hokusai`; nothing of it is run. */
async function cliProgram(load: LoadModule): Promise<Command> {
  const { buildProgram } = (await load('cli/program')) as {
    buildProgram: (io: object, runner: object) => Command;
  };
  const { CommandRunner } = (await load('cli/command-context')) as {
    CommandRunner: new (io: object) => object;
  };
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const io = { env: {}, homeDirectory: '/nonexistent', stdin, stdout, stderr };
  return buildProgram(io, new CommandRunner(io));
}

async function openApi(load: LoadModule, module: string, name: string): Promise<OpenApi> {
  return ((await load(module))[name] as () => OpenApi)();
}

/** Scope → MLflow's names of the calls that need it. */
async function callsByScope(load: LoadModule): Promise<Map<string, Set<string>>> {
  const { allRoutes } = (await load('gateway/mlflow-routes/route-table')) as { allRoutes: () => Route[] };
  const { neededScope } = (await load('gateway/access/scopes/needed-scope')) as {
    neededScope: (route: Route) => { scope: string };
  };
  const calls = new Map<string, Set<string>>();
  for (const route of allRoutes()) {
    const { scope } = neededScope(route);
    calls.set(scope, (calls.get(scope) ?? new Set()).add(route.name.replace(/^serve_/, '')));
  }
  return calls;
}
