import { GATEWAY_CONFIG_CLASSES } from '../../src/gateway/config/gateway-config.module.js';
import { KEY_SERVICE_CONFIG_CLASSES } from '../../src/key-service/config/key-service-config.module.js';
import { ConfigError, loadConfigs, variablesOf, type ConfigClass } from '../../src/platform/config/env.js';

const PROGRAMS: readonly [string, readonly ConfigClass[]][] = [
  ['the gateway', GATEWAY_CONFIG_CLASSES],
  ['the key service', KEY_SERVICE_CONFIG_CLASSES],
];

describe.each(PROGRAMS)('%s', (_program, classes) => {
  const names = classes.flatMap(variablesOf).map(({ name }) => name);

  it.each(names)('refuses %s with quotes or a comment that an env file left, by name', (name) => {
    for (const value of [
      '"x"',
      "'0123456789abcdef0123456789abcdef'",
      '0123456789abcdef0123456789abcdef # old',
    ]) {
      let problems: readonly string[] = [];
      try {
        loadConfigs({ [name]: value }, classes);
      } catch (error) {
        ({ problems } = error as ConfigError);
      }
      expect(problems.filter((problem) => /quotes around|a comment after/.test(problem))).toEqual([
        expect.stringMatching(new RegExp(`^${name} has `)),
      ]);
      expect(problems.join()).not.toContain('0123456789abcdef');
    }
  });
});
