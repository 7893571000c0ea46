import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** The rooms under `src/` and what each may import besides itself; docs/architecture.md says why. */
const WALLS = {
  contracts: [],
  lib: ['contracts'],
  platform: ['contracts', 'lib'],
  gateway: ['contracts', 'lib', 'platform'],
  'key-service': ['contracts', 'lib', 'platform'],
  sdk: ['contracts', 'lib'],
  cli: ['sdk'],
};

const ROOMS = Object.keys(WALLS);

/** The folders of the gateway, the same way: none comes back to one that imports it. */
const GATEWAY_WALLS = {
  config: [],
  principal: [],
  policies: ['config'],
  usage: ['config'],
  health: ['config'],
  'rate-limit': ['config', 'principal'],
  auth: ['config', 'principal', 'policies', 'rate-limit'],
  'mlflow-proxy': ['config', 'principal'],
};

/** Pure rooms run in any runtime, or at least without Nest, environment and sockets. */
const SERVER_PACKAGES = [
  '@nestjs/*',
  'express',
  'undici',
  'axios',
  'redis',
  'pg',
  'kysely',
  'pino',
  'prom-client',
];
const FORBIDDEN_PACKAGES = {
  contracts: ['*', '!./**', '!../**'],
  lib: SERVER_PACKAGES,
  sdk: [...SERVER_PACKAGES, 'node:*'],
  cli: SERVER_PACKAGES,
};

const others = (walls, name) =>
  Object.keys(walls).filter((other) => other !== name && !walls[name].includes(other));

const roomPatterns = (room) => [
  {
    group: others(WALLS, room).map((other) => `**/${other}/**`),
    message: `src/${room} may import only: ${['itself', ...WALLS[room]].join(', ')}.`,
  },
  ...(FORBIDDEN_PACKAGES[room]
    ? [{ group: FORBIDDEN_PACKAGES[room], message: `src/${room} keeps out of server packages.` }]
    : []),
];

const wall = (folder, patterns) => ({
  files: [`src/${folder}/**/*.ts`],
  ignores: ['src/**/*.spec.ts'],
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});

const gatewayWall = (part) =>
  wall(`gateway/${part}`, [
    ...roomPatterns('gateway'),
    {
      group: others(GATEWAY_WALLS, part).map((other) => `**/${other}/**`),
      message: `src/gateway/${part} may import of the gateway only: ${['itself', ...GATEWAY_WALLS[part]].join(', ')}.`,
    },
  ]);

export default tseslint.config(
  { ignores: ['dist/**', 'dist-sdk/**', 'coverage/**', '.cache/**', '.data/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [] }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      'max-params': ['error', 5],
      complexity: ['error', 15],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Take configuration by injection.' },
      ],
    },
  },
  {
    // Where the process meets the program.
    files: ['src/*/main.ts', 'src/cli/**/*.ts', 'src/sdk/settings.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  ...ROOMS.map((room) => wall(room, roomPatterns(room))),
  ...Object.keys(GATEWAY_WALLS).map(gatewayWall),
  {
    files: ['src/**/*.ts'],
    ignores: ['src/platform/http/http-server.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='NestFactory']",
          message: 'platform/http/http-server.ts boots programs.',
        },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', 'test/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'max-lines': ['error', 400],
      'max-lines-per-function': 'off',
      'max-params': 'off',
      'no-console': 'off',
      'no-restricted-properties': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
      },
    },
  },
);
