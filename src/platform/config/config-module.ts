import type { DynamicModule } from '@nestjs/common';
import { loadConfigs, type ConfigClass, type Environment } from './env.js';

/** The configuration classes of a program, by the names that the program has for them. */
export type ConfigClasses = Readonly<Record<string, ConfigClass>>;

/** An object of each class under the same names, loaded and frozen. */
export type ConfigsOf<C extends ConfigClasses> = {
  readonly [Name in keyof C]: C[Name] extends ConfigClass<infer Config> ? Readonly<Config> : never;
};

/**
 * Loads all configuration of a program.
 *
 * @param checkTogether problems in words that concern several classes
 * @throws ConfigError with all problems at once
 */
export function loadConfigsOf<C extends ConfigClasses>(
  classes: C,
  env: Environment,
  checkTogether: (configs: ConfigsOf<C>) => readonly string[] = () => [],
): ConfigsOf<C> {
  const names = Object.keys(classes);
  const byName = (configs: readonly object[]): ConfigsOf<C> =>
    Object.fromEntries(names.map((name, n) => [name, configs[n]])) as ConfigsOf<C>;
  return byName(loadConfigs(env, Object.values(classes), (configs) => checkTogether(byName(configs))));
}

/** Makes each class the injection token of its object, in every module of the program. */
export function configModule<C extends ConfigClasses>(classes: C, configs: ConfigsOf<C>): DynamicModule {
  const providers = Object.entries(classes).map(([name, config]) => ({
    provide: config,
    useValue: configs[name],
  }));
  return { module: ConfigModule, global: true, providers, exports: providers };
}

class ConfigModule {}
