import { availableParallelism } from 'node:os';
import { bundledPackages } from './test/support/run/bundled-packages.ts';
import { swcOptions } from './test/support/run/swc-options.ts';

const swc = (tsx) => ['@swc/jest', swcOptions(tsx)];

/** One transform and one resolver for all projects; a project is a folder with its own pace. */
const common = {
  runner: '<rootDir>/test/support/run/lanes.runner.mjs',
  testEnvironment: '<rootDir>/test/support/run/lane.environment.mjs',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '^.+\\.ts$': swc(false), '^.+\\.tsx$': swc(true) },
  // Built packages, and the copy from which the site is built, have the names of what they were made from.
  modulePathIgnorePatterns: ['<rootDir>/dist-', '<rootDir>/\\.cache/'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', ...(await bundledPackages()) },
};

const project = (displayName, testMatch, more = {}) => ({
  ...common,
  displayName,
  testMatch: testMatch.map((pattern) => `<rootDir>/${pattern}`),
  ...more,
});

/** Offers one real MLflow, one PostgreSQL and one packed SDK to all tests of a run, started by the first that asks. */
const withSharedParts = {
  globalSetup: '<rootDir>/test/support/run/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/run/global-teardown.mjs',
};

export default {
  projects: [
    project('unit', ['src/**/*.spec.ts', 'src/**/*.spec.tsx', 'scripts/**/*.spec.ts', 'bench/**/*.spec.ts']),
    project('contract', ['test/contract/**/*.spec.ts'], withSharedParts),
    project('integration', ['test/integration/**/*.spec.ts'], withSharedParts),
    project('e2e', ['test/e2e/**/*.spec.ts'], withSharedParts),
  ],
  // A test starts programs of its own, for which half the processors are left. Files that wait have a lane beside these workers.
  maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
  testSequencer: '<rootDir>/test/support/run/sequencer.mjs',
  // Modules of finished files stay in a worker: a fresh one takes its place before its heap is full.
  workerIdleMemoryLimit: '1.2GB',
  testTimeout: 60_000,
  // A worker that held hundreds of modules needs longer than half a second to exit on a busy machine; one that a test keeps
  // alive is still told.
  workerGracefulExitTimeout: 10_000,
  reporters: ['default', '<rootDir>/test/support/run/summary-reporter.mjs'],
};
