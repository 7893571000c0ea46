import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks } from '../../scripts/docs-site/markdown.ts';
import { runProgram } from '../../test/support/programs/child-program.ts';
import { blocksOf, readPage, ROOT } from '../../test/support/docs/docs-blocks.ts';

const PAGE = 'docs/deploy-kubernetes.md';
const TIMEOUT_MS = 400_000;
/** What a reader would write in the place of what stands there. */
const REPLACED: Readonly<Record<string, string>> = {
  '<redis://:password@redis.example:6379/0>': 'redis://:password-of-redis@redis.parts.svc:6379/1',
  '<postgres://keys:password@database.example:5432/keys>':
    'postgres://keys:password-of-the-database@database.parts.svc:5432/guide',
  'http://mlflow.mlflow.svc:5000': 'http://mlflow.parts.svc:5000',
  'registry.example/mlflow-gateway': 'mlflow-gateway',
};
/** Commands of the guide in their order, by a word that stands in one block alone. */
const STEPS = ['make-secrets.mjs', 'create secret generic', 'helm install'];

export interface GuideTools {
  /** Folders of `kubectl` and `helm`, as in PATH. */
  readonly path: string;
  readonly kubeconfig: string;
}

/**
 * Runs the commands of the guide as they stand there.
 *
 * @param folder an empty one, in which they are run
 * @returns what the last of them said
 */
export async function followGuide(folder: string, { path, kubeconfig }: GuideTools): Promise<string> {
  mkdirSync(folder);
  for (const name of ['docker', 'deploy']) symlinkSync(join(ROOT, name), join(folder, name));
  writeFileSync(join(folder, 'values.yaml'), replaced(valuesOfGuide()));
  const env = { PATH: `${path}:${process.env['PATH']}`, HOME: folder, KUBECONFIG: kubeconfig };
  let said = '';
  for (const word of STEPS) {
    const args = ['--noprofile', '--norc', '-euo', 'pipefail', '-c', replaced(blockWith(word))];
    said = await runProgram('bash', args, { cwd: folder, timeoutMs: TIMEOUT_MS, env });
  }
  return said;
}

function blockWith(word: string): string {
  const [block, ...others] = blocksOf(PAGE).filter(({ code }) => code.includes(word));
  if (block === undefined || others.length > 0) throw new Error(`${PAGE} has not one block with ${word}`);
  return block.code;
}

function valuesOfGuide(): string {
  const block = codeBlocks(readPage(PAGE)).find(({ code }) => code.startsWith('# values.yaml'));
  if (block === undefined) throw new Error(`${PAGE} has no values.yaml`);
  return block.code;
}

function replaced(text: string): string {
  return Object.entries(REPLACED).reduce((result, [from, to]) => result.replaceAll(from, to), text);
}
