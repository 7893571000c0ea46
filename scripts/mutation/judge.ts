import type { Failure, MutantCheckout } from './checkout.ts';
import type { Compiler } from './compiler.ts';
import type { Mutant } from './mutants.ts';
import { integrationTestsOf } from './related.ts';

/** Who may notice a mutant, in the order in which they are asked: the cheapest first. */
export const JUDGES = ['compiler', 'unit tests', 'contract tests', 'integration tests'] as const;

/** Who noticed a mutant, and by what. */
export interface Discovery {
  readonly by: (typeof JUDGES)[number];
  /** The test that failed. */
  readonly test?: string;
}

/** Wide: on a busy machine a time-out would be taken for a discovery. */
const UNIT_TIMEOUT_MS = 400_000;
const INTEGRATION_TIMEOUT_MS = 1_200_000;
/** Of those in test/contract, the ones that look at the four parts. */
const CONTRACT_TESTS = ['auth-service', 'docs', 'key-service-docs', 'operations'].map(
  (name) => `test/contract/${name}.spec.ts`,
);
/** What the documents repeat: defaults, tables, names of metrics. */
const DOCUMENTED = /\/config\/|\/openapi\/|\.metrics\.ts$|\/auth-service\/|\/observability\/|\.command\.ts$/;
/** Of about 180, those that have most to do with the source. */
const INTEGRATION_TESTS = 16;

/** Looks for somebody who notices a mutant. */
export class Judge {
  private readonly checkout: Pick<MutantCheckout, 'failure' | 'folder' | 'with'>;
  private readonly compiler: Pick<Compiler, 'fails'>;
  private readonly integration: boolean;

  /**
   * @param compiler of the checkout
   * @param integration whether integration tests are asked, too
   */
  constructor(checkout: Judge['checkout'], compiler: Judge['compiler'], integration: boolean) {
    this.checkout = checkout;
    this.compiler = compiler;
    this.integration = integration;
  }

  /** @returns undefined where nobody notices it */
  async discoveryOf(mutant: Mutant): Promise<Discovery | undefined> {
    if (await this.checkout.with(mutant, () => Promise.resolve(this.compiler.fails())))
      return { by: 'compiler' };
    const { file } = mutant;
    const related = ['--selectProjects', 'unit', '--passWithNoTests', '--findRelatedTests', file];
    const unit = await this.proof(mutant, related, UNIT_TIMEOUT_MS);
    if (unit !== undefined) return { by: 'unit tests', test: unit };
    if (DOCUMENTED.test(file)) {
      const contract = await this.proof(mutant, ['--runTestsByPath', ...CONTRACT_TESTS], UNIT_TIMEOUT_MS);
      if (contract !== undefined) return { by: 'contract tests', test: contract };
    }
    if (!this.integration) return undefined;
    const tests = integrationTestsOf(this.checkout.folder, file, INTEGRATION_TESTS);
    const test = await this.proof(mutant, ['--runTestsByPath', ...tests], INTEGRATION_TIMEOUT_MS);
    return test === undefined ? undefined : { by: 'integration tests', test };
  }

  /** The test that fails with the mutant. One that fails without it as well is no proof, and the others are asked again. */
  private async proof(
    mutant: Mutant,
    args: readonly string[],
    timeoutMs: number,
  ): Promise<string | undefined> {
    const faulty: string[] = [];
    for (;;) {
      const without = faulty.map((spec) => `--testPathIgnorePatterns=${spec}`);
      const run = (): Promise<Failure | undefined> =>
        this.checkout.failure([...without, ...args], mutant.file, timeoutMs);
      const failure = await this.checkout.with(mutant, run);
      if (failure?.spec === undefined) return failure?.title;
      const alone = ['--runTestsByPath', failure.spec];
      if ((await this.checkout.failure(alone, mutant.file, timeoutMs)) === undefined)
        return `${failure.spec}: ${failure.title}`;
      faulty.push(failure.spec);
    }
  }
}
