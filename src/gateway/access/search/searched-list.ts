import type { Access } from '../rules/rule.js';
import type { RowChoice } from './answer-filter.js';
import type { RestrictedList } from './filter-abilities.js';
import { registeredOwner, type RegisteredRow } from './registered-rows.js';

/** A list of MLflow that names no resource, so it would show everything. */
export interface SearchedList {
  /** Member of the answer that holds the rows. */
  readonly rows: string;
  /** The name, in MLflow's filters, of the column that grants decide by. */
  readonly key: 'experiment_id' | 'name';
  readonly ability: RestrictedList;
  /** Rows of a page where the client names no number; undefined where MLflow asks for one. */
  readonly defaultResults: number | undefined;
  readonly maxResults: number;
  /** Most rows that MLflow is asked for at once. */
  readonly pageLimit: number;
  /** Whether a pattern opens everything, so that there is nothing to leave out. */
  isWhollyOpen(access: Access): boolean;
  /** What may be seen, by `key`; undefined where it cannot be listed. */
  granted(access: Access): Promise<readonly string[] | undefined>;
  /** The only name that a granted row can have. It makes the request to MLflow smaller; the rows are still checked. */
  onlyName(access: Access): string | undefined;
  /** Which rows may be seen. */
  choice(access: Access): RowChoice;
  /** Whether nothing that is granted can change its name or its kind. */
  isSettled(access: Access): boolean;
  /**
   * Whether a row has all values that decide, so that rows that changed after the names were listed can be left out.
   */
  readonly saysAll: boolean;
}

export const EXPERIMENTS: SearchedList = {
  rows: 'experiments',
  key: 'experiment_id',
  ability: 'experiments',
  defaultResults: undefined,
  maxResults: 50_000,
  pageLimit: 5000,
  isWhollyOpen: ({ grants }) => grants.experimentNames.some(({ value }) => value === '*'),
  granted: (access) => access.directory.readableExperiments(access),
  onlyName: ({ grants }) =>
    grants.experimentIds.size === 0 ? single(grants.experimentNames.map(({ value }) => value)) : undefined,
  choice: ({ grants }) => ({
    of: ({ experiment_id: id, name }) =>
      typeof id === 'string' &&
      typeof name === 'string' &&
      grants.grantFor({ kind: 'experiment', id, name }, 'read') !== undefined,
  }),
  isSettled: ({ grants }) => grants.experimentNames.length === 0,
  saysAll: true,
};

const REGISTERED = {
  key: 'name',
  ability: 'registered-models',
  isWhollyOpen: ({ grants }: Access) =>
    [grants.models, grants.prompts].every((entries) => entries.some(({ value }) => value === '*')),
  isSettled: () => false,
  granted: (access: Access) => access.searches.registered.readableNames(access),
  onlyName: ({ grants }: Access) => single([...grants.models, ...grants.prompts].map(({ value }) => value)),
} as const;

export const REGISTERED_MODELS: SearchedList = {
  ...REGISTERED,
  rows: 'registered_models',
  defaultResults: 100,
  maxResults: 1000,
  pageLimit: 1000,
  choice: ({ grants }) => ({
    of: (row) => grants.grantFor(registeredOwner(row as unknown as RegisteredRow), 'read') !== undefined,
  }),
  saysAll: true,
};

export const MODEL_VERSIONS: SearchedList = {
  ...REGISTERED,
  rows: 'model_versions',
  defaultResults: 10_000,
  maxResults: 200_000,
  pageLimit: 10_001,
  choice: (access) => ({
    of: ({ name }) => typeof name === 'string' && name !== '' && name,
    open: (names) => readableNames(names, access),
  }),
  // The rows of versions do not say whether their model has become a prompt.
  saysAll: false,
};

/** Which of these names of models and prompts may be read. */
export async function readableNames(names: readonly string[], access: Access): Promise<ReadonlySet<string>> {
  const distinct = [...new Set(names)].filter((name) => name !== '');
  const verdict = await access.decide(
    distinct.map((id) => ({ named: { kind: 'registered-name', id, at: 'answer name' }, level: 'read' })),
  );
  return new Set(
    verdict.findings.filter(({ grant }) => grant !== undefined).map(({ need }) => need.named.id),
  );
}

function single(values: readonly string[]): string | undefined {
  const [only] = values;
  return values.length === 1 && only !== undefined && !only.includes('*') ? only : undefined;
}
