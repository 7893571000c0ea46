import { validateSync } from 'class-validator';
import { leftoverProblem } from './leftovers.js';
import { fileVariable, secretValue } from './secret-files.js';

/**
 * Environment → validated class → frozen object. A config class gives each field a default by its
 * initialiser, its variable by `@Env`, and its bounds by class-validator; `loadConfigs` reports every
 * problem of every class at once, by variable name and never with a value.
 */

export type EnvKind = 'string' | 'integer' | 'number' | 'boolean' | 'list';

export interface EnvOptions {
  kind?: EnvKind;
  /** What the number counts: `seconds`, `ms`, `bytes`, `requests`. */
  unit?: string;
  /** One line for `.env.example` and `docs/configuration.md`. */
  about: string;
  /** Never shown anywhere, not even its default; may come from a file, which `<name>_FILE` names. */
  secret?: boolean;
}

export interface EnvVariable extends EnvOptions {
  name: string;
  property: string;
  kind: EnvKind;
}

export type ConfigClass<T extends object = object> = new () => T;
export type Environment = Readonly<Record<string, string | undefined>>;

/** A config class may check what no single field can. */
export interface CrossChecked {
  /** Problems in words, naming variables and never values. */
  check(): string[];
}

const VARIABLES = new WeakMap<object, EnvVariable[]>();

/** Binds a field of a config class to an environment variable. */
export function Env(name: string, options: EnvOptions): PropertyDecorator {
  return (prototype, property) => {
    const own = VARIABLES.get(prototype) ?? [];
    own.push({ ...options, name, property: String(property), kind: options.kind ?? 'string' });
    VARIABLES.set(prototype, own);
  };
}

/** Every variable of a class, inherited ones first; a subclass may redefine one. */
export function variablesOf(config: ConfigClass): EnvVariable[] {
  const byProperty = new Map<string, EnvVariable>();
  const chain: object[] = [];
  for (
    let p = config.prototype as object;
    p && p !== Object.prototype;
    p = Object.getPrototypeOf(p) as object
  )
    chain.unshift(p);
  for (const prototype of chain)
    for (const variable of VARIABLES.get(prototype) ?? []) byProperty.set(variable.property, variable);
  return [...byProperty.values()];
}

/** Thrown once, with all problems; its message is what the operator reads. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    );
  }
}

/** The loaded config of each class, in their order. */
export type Loaded<T extends readonly ConfigClass[]> = {
  [K in keyof T]: T[K] extends ConfigClass<infer C> ? Readonly<C> : never;
};

/**
 * Loads several config classes from one environment.
 *
 * @param checkTogether problems in words that concern several classes
 * @throws ConfigError naming every variable that is missing or wrong
 */
export function loadConfigs<T extends readonly ConfigClass[]>(
  env: Environment,
  classes: T,
  checkTogether: (configs: Loaded<T>) => readonly string[] = () => [],
): Loaded<T> {
  const problems: string[] = [];
  const wrong = new Set<string>();
  const configs = classes.map((config) => {
    const { instance, found, wrong: names } = load(env, config);
    problems.push(...found);
    for (const name of names) wrong.add(name);
    return instance;
  });
  problems.push(...checkTogether(configs as never).filter((problem) => !follows(problem, wrong)));
  if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
  return configs.map((config) => Object.freeze(config)) as never;
}

/** An invalid variable has its default value here, so problems that follow from it would mislead. */
function follows(problem: string, wrong: ReadonlySet<string>): boolean {
  return (problem.match(/[A-Z][A-Z0-9_]+/g) ?? []).some((word) => wrong.has(word));
}

interface LoadedClass {
  instance: object;
  /** Problems in words. */
  found: string[];
  /** Names of the variables that are wrong by themselves. */
  wrong: Set<string>;
}

function load(env: Environment, config: ConfigClass): LoadedClass {
  const found: string[] = [];
  const wrong = new Set<string>();
  const instance = new config() as Record<string, unknown>;
  const variables = variablesOf(config);
  const unreadable = new Set<string>();
  for (const variable of variables) {
    const { value, problem } = read(env, variable);
    if (problem !== undefined) {
      unreadable.add(variable.property);
      wrong.add(variable.name).add(fileVariable(variable.name));
      found.push(problem);
    } else if (value !== undefined) instance[variable.property] = value;
  }
  const nameOf = new Map(variables.map((v) => [v.property, v.name]));
  for (const error of validateSync(instance, { forbidUnknownValues: false })) {
    if (unreadable.has(error.property)) continue;
    const name = nameOf.get(error.property) ?? error.property;
    wrong.add(name);
    for (const message of Object.values(error.constraints ?? { invalid: `${error.property} is invalid` }))
      found.push(message.replaceAll(error.property, name));
  }
  if (isCrossChecked(instance)) found.push(...instance.check().filter((problem) => !follows(problem, wrong)));
  return { instance, found, wrong };
}

/** The parsed value of a variable, nothing where it is not set, or a problem in words. */
function read(env: Environment, { name, kind, secret }: EnvVariable): { value?: unknown; problem?: string } {
  const given = secret === true ? secretValue(env, name) : { value: env[name]?.trim() ?? '' };
  if (given.problem !== undefined || given.value === undefined || given.value === '')
    return given.problem === undefined ? {} : { problem: given.problem };
  const value = PARSERS[kind](given.value);
  const problem =
    leftoverProblem(given.value) ?? (value === undefined ? `must be ${KIND_WORDS[kind]}` : undefined);
  return problem === undefined ? { value } : { problem: `${name} ${problem}` };
}

function isCrossChecked(config: object): config is CrossChecked {
  return typeof (config as Partial<CrossChecked>).check === 'function';
}

const KIND_WORDS: Record<EnvKind, string> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list separated by commas',
};

const PARSERS: Record<EnvKind, (raw: string) => unknown> = {
  string: (raw) => raw,
  integer: (raw) => (/^-?\d+$/.test(raw) && Number.isSafeInteger(Number(raw)) ? Number(raw) : undefined),
  number: (raw) => (/^-?\d+(\.\d+)?$/.test(raw) ? Number(raw) : undefined),
  boolean: (raw) =>
    /^(true|1|yes|on)$/i.test(raw) ? true : /^(false|0|no|off)$/i.test(raw) ? false : undefined,
  list: (raw) =>
    raw
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
};
