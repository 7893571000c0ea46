import type { CatalogueEntry } from '../../src/contracts/error-codes.ts';
import type { ConfigClass, EnvVariable } from '../../src/platform/config/env.ts';
import type { DocumentedVariable, VariableGroup } from './render.ts';

/** Loads a module of `src/` by its path without extension, from the sources or from a build. */
export type LoadModule = (path: string) => Promise<Record<string, unknown>>;

const GROUPS: readonly [title: string, module: string, list: string][] = [
  ['Gateway', 'gateway/config/gateway-config.module', 'GATEWAY_CONFIG_CLASSES'],
  ['Key service', 'key-service/config/key-service-config.module', 'KEY_SERVICE_CONFIG_CLASSES'],
];

/** What the documentation is rendered from. */
export async function documentedParts(
  load: LoadModule,
): Promise<{ catalogue: Record<string, CatalogueEntry>; groups: VariableGroup[] }> {
  const { ERROR_CATALOGUE } = await load('contracts/error-codes');
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
  return { catalogue: ERROR_CATALOGUE as Record<string, CatalogueEntry>, groups };
}
